# SPDX-License-Identifier: Apache-2.0
"""conf/version-server's Terraform files: formatted, parsed, and held against what its README promises. They cannot be applied here."""

import pathlib
import re
import subprocess
import sys

import pytest
from conftest import TESTS
from tools import programs

CONF = TESTS.parent / "conf/version-server"
README = (CONF / "README.md").read_text()
KINDS = ["s3", "gcs"]


def unquoted(value):
    """The parser keeps the quotes of keys and texts."""
    if isinstance(value, dict):
        return {unquoted(key): unquoted(inner) for key, inner in value.items() if key != "__is_block__"}
    if isinstance(value, list):
        return [unquoted(inner) for inner in value]
    return value[1:-1] if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"' else value


class Module:
    """All files of a folder: `blocks` has kind → its blocks in order, `text` all of it."""

    def __init__(self, folder):
        sys.path.insert(0, str(programs() / "python"))
        import hcl2
        self.text, self.blocks = "", {}
        for file in sorted(folder.glob("*.tf")):
            self.text += file.read_text()
            for kind, blocks in hcl2.loads(file.read_text()).items():
                self.blocks.setdefault(kind, []).extend(unquoted(blocks))

    def named(self, kind):
        """Of blocks with one label, name → body."""
        return {name: body for block in self.blocks[kind] for name, body in block.items()}

    def resource(self, type_, name="channels", kind="resource"):
        found = [block[type_][name] for block in self.blocks[kind] if name in block.get(type_, {})]
        assert len(found) == 1, f"{type_}.{name}"
        return found[0]

    def types(self):
        return {type_ for block in self.blocks["resource"] for type_ in block}


@pytest.fixture(scope="module", params=KINDS)
def module(request):
    return Module(CONF / request.param)


@pytest.fixture(scope="module")
def s3():
    return Module(CONF / "s3")


@pytest.fixture(scope="module")
def gcs():
    return Module(CONF / "gcs")


@pytest.mark.parametrize("file", sorted(str(file.relative_to(CONF)) for file in CONF.rglob("*.tf")))
def test_each_file_is_formatted(file):
    done = subprocess.run([programs() / "hclfmt", "-require-no-change", CONF / file], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, (CONF / file).read_text()), done.stderr
    assert (CONF / file).read_text().startswith("# SPDX-License-Identifier: Apache-2.0\n")


def test_every_variable_is_explained_and_used_and_every_reference_exists(module):
    variables, outputs = module.named("variable"), module.named("output")
    assert all(body["description"] and body["type"] for body in variables.values()) and all(body["description"] for body in outputs.values())
    assert set(re.findall(r"\bvar\.(\w+)", module.text)) == set(variables)
    local = {name for block in module.blocks["locals"] for name in block}
    assert set(re.findall(r"\blocal\.(\w+)", module.text)) == local
    known = {(type_, name) for kind in ("resource", "data") for block in module.blocks.get(kind, []) for type_, names in block.items() for name in names}
    assert set(re.findall(r"(?<![\w.\"/])((?:aws|google)_\w+)\.(\w+)", module.text)) <= known
    assert set(re.findall(r"data\.(\w+)\.(\w+)", module.text)) <= known


def test_the_readme_names_variables_accesses_and_outputs_that_exist(module):
    name = "s3" if "aws_s3_bucket" in module.types() else "gcs"
    about = README[README.index("## At Amazon" if name == "s3" else "## At Google"):README.index("## At Google" if name == "s3" else "## In a pipeline")]
    variables = module.named("variable")
    assert set(re.findall(r"-var '?(\w+)=", about)) <= set(variables)
    required = {one for one, body in variables.items() if "default" not in body}
    assert required == set(re.findall(r"-var '?(\w+)=", about.split("apply")[1].splitlines()[0])) - {"publishers"}
    accesses = re.findall(r"^\| `(\w+)` \|", about, re.MULTILINE)
    assert f"contains({accesses}, var.access)".replace("'", '"') in module.text
    assert {word for word in re.findall(r"`(\w+_policy_arn|url)`", about)} <= set(module.named("output"))
    assert f"-chdir={name} apply" in about


def test_amazons_bucket_keeps_versions_and_is_closed_but_for_reading_the_prefix(s3):
    block = s3.resource("aws_s3_bucket_public_access_block")
    assert (block["block_public_acls"], block["ignore_public_acls"]) == (True, True)
    assert block["block_public_policy"] == block["restrict_public_buckets"] == "${!local.public}"
    assert s3.resource("aws_s3_bucket_versioning")["versioning_configuration"][0]["status"] == "Enabled"
    assert s3.resource("aws_s3_bucket_ownership_controls")["rule"][0]["object_ownership"] == "BucketOwnerEnforced"
    assert "aws_s3_bucket_acl" not in s3.types()
    documents = {name: s3.resource("aws_iam_policy_document", name, "data") for name in ("bucket", "host", "publisher")}
    deny, *_ = documents["bucket"]["statement"]
    assert (deny["effect"], deny["condition"][0]["variable"], deny["condition"][0]["values"]) == ("Deny", "aws:SecureTransport", ["false"])
    allowed = [one["statement"]["content"][0] for one in documents["bucket"]["dynamic"]]
    assert len(allowed) == 3
    for statement in allowed + documents["host"]["statement"]:
        assert (statement["actions"], statement["resources"]) == (["s3:GetObject"], ["${local.objects}"])
    assert documents["publisher"]["statement"] == [{"actions": ["s3:ListBucket"], "resources": ["${aws_s3_bucket.channels.arn}"]},
                                                   {"actions": ["s3:GetObject", "s3:PutObject"], "resources": ["${local.objects}"]}]
    assert 'objects = "${aws_s3_bucket.channels.arn}/${var.prefix}/*"' in s3.text


def test_amazons_cdn_speaks_tls_and_keeps_nothing_that_says_no_cache(s3):
    distribution = s3.resource("aws_cloudfront_distribution")
    assert distribution["default_cache_behavior"][0]["viewer_protocol_policy"] == "https-only"
    assert distribution["viewer_certificate"][0]["minimum_protocol_version"] == "TLSv1.2_2021"
    policy = s3.resource("aws_cloudfront_cache_policy")
    assert (policy["min_ttl"], policy["default_ttl"]) == (0, 0)


def test_googles_bucket_keeps_versions_and_is_closed_but_for_reading_the_prefix(gcs):
    bucket = gcs.resource("google_storage_bucket")
    assert bucket["uniform_bucket_level_access"] is True and bucket["versioning"] == [{"enabled": True}]
    assert '"enforced" : "inherited"' in bucket["public_access_prevention"]
    assert gcs.resource("google_storage_managed_folder")["name"] == "${var.prefix}/"
    readers, publishers = (gcs.resource("google_storage_managed_folder_iam_member", name) for name in ("readers", "publishers"))
    assert 'local.private ? var.hosts : ["allUsers"]' in readers["for_each"].replace("'", '"')
    assert (readers["role"], publishers["role"]) == ("roles/storage.objectViewer", "roles/storage.objectUser")
    assert {type_ for type_ in gcs.types() if "iam" in type_} == {"google_storage_managed_folder_iam_member"}
    assert gcs.resource("google_compute_ssl_policy")["min_tls_version"] == "TLS_1_2"
    assert gcs.resource("google_compute_backend_bucket")["cdn_policy"][0]["cache_mode"] == "USE_ORIGIN_HEADERS"


def test_what_could_not_be_run_is_said():
    assert "**not** applied, nor validated against the providers' schemas" in README
    assert pathlib.Path(CONF / "publish").stat().st_mode & 0o111
