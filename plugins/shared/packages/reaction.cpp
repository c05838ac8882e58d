// SPDX-License-Identifier: Apache-2.0
#include "shared/packages/reaction.h"

namespace upkeep::shared::packages {

using R = Reaction;

std::string_view name(Reaction reaction) {
  switch (reaction) {
    case R::none:
      return "none";
    case R::transient:
      return "transient";
    case R::busy:
      return "busy";
    case R::interrupted:
      return "interrupted";
    case R::denied:
      return "denied";
    case R::forged:
      return "forged";
    case R::invalid:
      return "invalid";
    case R::stale:
      return "stale";
    case R::cancelled:
      return "cancelled";
    case R::failed:
      return "failed";
    case R::unsupported:
      return "unsupported";
  }
  return "?";
}

sdk::Errc errc(Reaction reaction) {
  switch (reaction) {
    case R::transient:
    case R::interrupted:
      return sdk::Errc::transient;
    case R::busy:
      return sdk::Errc::busy;
    case R::denied:
    case R::forged:
      return sdk::Errc::denied;
    case R::invalid:
    case R::stale:
      return sdk::Errc::invalid;
    case R::cancelled:
      return sdk::Errc::cancelled;
    case R::unsupported:
      return sdk::Errc::unsupported;
    case R::failed:
    case R::none:
      return sdk::Errc::internal;
  }
  return sdk::Errc::internal;
}

}  // namespace upkeep::shared::packages
