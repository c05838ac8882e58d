// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who a request to an object store says it comes from: a signature, a bearer token, or whatever else a store takes. One object lives as
// long as its source and keeps the credentials between polls. Without any, requests are anonymous.

#include <string>
#include <vector>

#include "sdk/host.h"

namespace upkeep::shared::object_store {

struct Authorised {
  std::vector<sdk::HttpHeader> headers;  // to be sent beside those that the request has
  // What stands in them that the server could send back and nobody must see: tokens, signatures. Never logged.
  std::vector<std::string> secrets;
  // What is no secret, and may well be a word of a file, but belongs in no message: key ids.
  std::vector<std::string> ids;
};

class Authorizer {
 public:
  virtual ~Authorizer() = default;

  // For a request that is complete but for this: method, URL, headers and body are what will be sent. `region`: where the bucket is
  // taken to be, for those who sign for one. Asks for credentials when there are none or they are about to expire, and is done by
  // `deadline`. No message of an error holds a secret.
  virtual sdk::Task<sdk::Result<Authorised>> authorise(const sdk::HttpRequest& request, std::string region, sdk::BootTime deadline) = 0;

  // The server refused what authorise gave last. `certain`: and says that the credentials are why, not what they may do; they are given
  // up. Else they stay in use if no others are to be had, which is tried once in their life, when they are not new. True: authorise
  // may bring others, so ask once more.
  virtual bool refused(bool certain) = 0;
};

}  // namespace upkeep::shared::object_store
