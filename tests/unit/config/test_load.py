from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from capsync.config import Config, load_config
from capsync.errors import ManifestError
from capsync.model import Where

CONTRACT = """\
version: 1
project: acme-loyalty
manifests: [manifests]
default_environment: sandbox
variables: {discount: 5, both: project}
environments:
  sandbox: {endpoint: sandbox}              # embedded, no server, no credentials
  uat:
    endpoint: https://eu.api.capillarytech.com
    org_id: 100737                          # guard
    brand: Acme
    auth: {type: oauth, key: "${env.CAPSYNC_KEY}", secret: "${env.CAPSYNC_SECRET}"}
    admin_auth: {username: admin1, password: "${env.ADMIN_PASSWORD}", key: "${env.ADMIN_KEY}"}
    rate_limit: 100/min
    concurrency: 4
    timeout: 90
    variables: {discount: 10, both: environment}
    overlays: [overlays/uat]
    limits: {max_changes: 200, max_destructive: 5}
    state: {url: "s3://bucket/acme/uat.json"}
    approve: true
    waivers:
      - {address: Badge/*, path: description, reason: seasonal, owner: mia, expires: 2027-03-01}
    paths: {extendedFieldConfig: /v2/other}
waivers:
  - {address: Series/x, reason: legacy}
"""
MINIMAL = "version: 1\nproject: p\nenvironments:\n  uat: {endpoint: https://h.example, org_id: 1}\n"


def load(tmp_path: Path, text: str, environ: Mapping[str, str] | None = None) -> Config:
    (tmp_path / "capsync.yaml").write_text(text)
    return load_config(tmp_path, environ or {})


def problems(tmp_path: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        load(tmp_path, text, environ).environment(None)
    assert caught.value.exit_code == 3
    return [str(problem) for problem in caught.value.problems]


def with_environment(extra: str) -> str:
    return f"version: 1\nenvironments:\n  uat:\n    endpoint: https://h.example\n    {extra}\n"


def test_the_documented_file(tmp_path: Path) -> None:
    config = load(tmp_path, CONTRACT)
    assert (config.version, config.project, config.manifests) == (1, "acme-loyalty", ("manifests",))
    assert config.root == tmp_path
    uat = config.environment("uat")
    assert (uat.endpoint, uat.org_id, uat.brand) == (
        "https://eu.api.capillarytech.com",
        100737,
        "Acme",
    )
    assert (uat.rate_limit, uat.concurrency, uat.timeout) == (100, 4, 90)
    assert dict(uat.variables) == {"discount": 10, "both": "environment"}
    assert uat.overlays == ("overlays/uat",)
    assert (uat.limits.max_changes, uat.limits.max_destructive) == (200, 5)
    assert (uat.state_url, uat.approve) == ("s3://bucket/acme/uat.json", True)
    assert dict(uat.paths) == {"extendedFieldConfig": "/v2/other"}
    assert [(each.address, each.expires) for each in uat.waivers] == [
        ("Badge/*", "2027-03-01"),
        ("Series/x", ""),
    ]
    assert uat.waivers[0].where == Where("capsync.yaml", 23, 9)


def test_the_sandbox_is_the_default_with_its_defaults(tmp_path: Path) -> None:
    sandbox = load(tmp_path, CONTRACT).environment()
    assert (sandbox.name, sandbox.endpoint, sandbox.is_sandbox) == ("sandbox", "sandbox", True)
    assert (sandbox.rate_limit, sandbox.concurrency, sandbox.timeout) == (None, 8, 60)
    assert dict(sandbox.variables) == {"discount": 5, "both": "project"}
    assert (sandbox.org_id, sandbox.brand, sandbox.state_url) == (None, None, None)
    assert sandbox.limits.max_changes is None
    assert not sandbox.approve


def test_a_remote_endpoint_gets_sixty_requests_a_minute(tmp_path: Path) -> None:
    config = load(tmp_path, MINIMAL)
    assert config.environment().rate_limit == 60
    assert config.environment().name == "uat"  # the only one


@pytest.mark.parametrize(
    ("written", "limit"),
    [("100/min", 100), ("5/s", 300), ("120/hour", 2), ("30/h", 1), ("none", None), ("80", 80)],
)
def test_rate_limits(tmp_path: Path, written: str, limit: int | None) -> None:
    config = load(tmp_path, with_environment(f"rate_limit: {written}"))
    assert config.environment().rate_limit == limit


@pytest.mark.parametrize("written", ["fast", "0/min", "-5", "5/day", "1.5/s"])
def test_wrong_rate_limits(tmp_path: Path, written: str) -> None:
    (problem,) = problems(tmp_path, with_environment(f"rate_limit: {written}"))
    assert problem.startswith("capsync.yaml:5:17: environments.uat.rate_limit: ")


def test_the_project_is_named_after_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    folder.mkdir()
    assert load(folder, "version: 1\nenvironments: {s: {endpoint: sandbox}}\n").project == "acme"


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"there is no capsync\.yaml in .* `capsync init`") as e:
        load_config(tmp_path)
    assert e.value.exit_code == 3


def test_a_missing_file_points_to_the_project_above(tmp_path: Path) -> None:
    (tmp_path / "capsync.yaml").write_text(MINIMAL)
    below = tmp_path / "manifests"
    below.mkdir()
    with pytest.raises(ManifestError, match=f"use -C {tmp_path}"):
        load_config(below)


def test_a_missing_file_points_to_the_other_suffix(tmp_path: Path) -> None:
    (tmp_path / "capsync.yml").write_text(MINIMAL)
    with pytest.raises(ManifestError, match=r"rename capsync\.yml"):
        load_config(tmp_path)


def test_a_folder_of_that_name_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "capsync.yaml").mkdir()
    with pytest.raises(ManifestError, match="can not be read"):
        load_config(tmp_path)


@pytest.mark.parametrize("text", ["", "- a\n", "a: 1\n---\nb: 2\n", "text\n"])
def test_the_file_is_one_mapping(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == ["capsync.yaml: must be one mapping"]


def test_broken_yaml_is_told_like_in_manifests(tmp_path: Path) -> None:
    assert problems(tmp_path, "version: 1\nversion: 1\n") == [
        'capsync.yaml:2:1: the key "version" is there twice, first at line 1'
    ]


def test_every_problem_at_once_with_place_path_and_hint(tmp_path: Path) -> None:
    text = """\
version: 2
projct: x
environments:
  sandbox: {endpont: sandbox}
  uat:
    endpoint: https://h.example
    org_id: "abc"
    limits: {max_changes: -1}
    concurrency: 0
    auth: {type: oauth, key: k}
    waivers: [{address: x}]
"""
    assert problems(tmp_path, text) == [
        "capsync.yaml:1:10: version: 2 is not one of the allowed values (allowed: 1)",
        "capsync.yaml:2:1: projct: unknown field (did you mean project?)",
        "capsync.yaml:4:12: environments.sandbox: endpoint is required",
        "capsync.yaml:4:13: environments.sandbox.endpont: unknown field (did you mean endpoint?)",
        'capsync.yaml:7:13: environments.uat.org_id: "abc" is not a whole number',
        "capsync.yaml:8:27: environments.uat.limits.max_changes: -1 is below 0",
        "capsync.yaml:9:18: environments.uat.concurrency: 0 is below 1",
        "capsync.yaml:10:11: environments.uat.auth: secret is required",
        "capsync.yaml:11:15: environments.uat.waivers[0]: reason is required",
    ]


def test_secrets_are_not_shown_in_problems(tmp_path: Path) -> None:
    text = with_environment("auth: {type: basic, username: u, password: 12345}")
    (problem,) = problems(tmp_path, text)
    assert problem.endswith("auth.password: (sensitive) is not text (put it in quotes)")


def test_the_parts_of_the_two_ways_to_authenticate_do_not_mix(tmp_path: Path) -> None:
    found = problems(
        tmp_path, with_environment("auth: {type: basic, key: k, username: u, password: '${env.P}'}")
    )
    assert found == ["capsync.yaml:5:25: environments.uat.auth.key: is not allowed here"]


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("http://eu.api.capillarytech.com", "plain http would send the credentials in clear"),
        ("http://10.0.0.1", "plain http would send"),
        ("http://localhost.evil.com", "plain http would send"),
        ("eu.api.capillarytech.com", "is no URL of a host"),
        ("ftp://h", "is no URL of a host"),
        ("https://", "is no URL of a host"),
        ("https://h:port", "is no URL"),
        ("https://u:p@h", "credentials do not belong into a URL"),
        ("https://h/?a=b", "an endpoint has no query"),
        ("Sandbox", "is no URL of a host"),
    ],
)
def test_wrong_endpoints(tmp_path: Path, endpoint: str, message: str) -> None:
    (problem,) = problems(
        tmp_path, f'version: 1\nenvironments: {{e: {{endpoint: "{endpoint}"}}}}\n'
    )
    assert problem.startswith("capsync.yaml:2:30: environments.e.endpoint: ")
    assert message in problem


@pytest.mark.parametrize(
    "endpoint",
    ["http://localhost:8080", "http://127.0.0.1:5", "http://[::1]:80", "https://h.example/base/"],
)
def test_right_endpoints_lose_the_last_slash(tmp_path: Path, endpoint: str) -> None:
    config = load(tmp_path, f'version: 1\nenvironments: {{e: {{endpoint: "{endpoint}"}}}}\n')
    assert config.environment().endpoint == endpoint.rstrip("/")


def test_an_unknown_environment_names_the_nearest(tmp_path: Path) -> None:
    config = load(tmp_path, CONTRACT)
    with pytest.raises(ManifestError, match=r"unknown environment utat \(did you mean uat\?\)"):
        config.environment("utat")
    with pytest.raises(ManifestError, match=r"there are: sandbox, uat"):
        config.environment("production")


def test_an_unknown_default_is_told_at_its_place(tmp_path: Path) -> None:
    text = CONTRACT.replace("default_environment: sandbox", "default_environment: sandbax")
    assert problems(tmp_path, text) == [
        "capsync.yaml:4:22: unknown environment sandbax (did you mean sandbox?)"
    ]


def test_no_environment_chosen(tmp_path: Path) -> None:
    text = CONTRACT.replace("default_environment: sandbox\n", "")
    assert problems(tmp_path, text) == [
        "capsync.yaml: no environment is chosen"
        " (choose with -e: sandbox, uat; or set default_environment)"
    ]


def test_secrets_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    uat = load(tmp_path, CONTRACT).environment("uat")
    environ = {"CAPSYNC_KEY": "k1", "CAPSYNC_SECRET": "s1", "ADMIN_PASSWORD": "p", "ADMIN_KEY": "a"}
    credentials = uat.credentials(environ)
    assert (credentials.type, credentials.name) == ("oauth", "k1")
    assert credentials.secret.reveal() == "s1"
    admin = uat.admin_credentials(environ)
    assert admin is not None
    assert (admin.username, admin.password.reveal()) == ("admin1", "p")
    assert admin.key is not None
    assert admin.key.reveal() == "a"
    assert "s1" not in repr(credentials) + repr(uat) + str(credentials.secret)


def test_every_missing_secret_is_named_at_once(tmp_path: Path) -> None:
    uat = load(tmp_path, CONTRACT).environment("uat")
    with pytest.raises(ManifestError) as caught:
        uat.credentials({})
    assert [str(problem) for problem in caught.value.problems] == [
        "capsync.yaml:12:30: environments.uat.auth.key:"
        " the environment variable CAPSYNC_KEY is not set (set it, or choose another environment)",
        "capsync.yaml:12:60: environments.uat.auth.secret:"
        " the environment variable CAPSYNC_SECRET is not set"
        " (set it, or choose another environment)",
    ]
    assert caught.value.exit_code == 3


def test_an_empty_secret_counts_as_missing(tmp_path: Path) -> None:
    uat = load(tmp_path, CONTRACT).environment("uat")
    with pytest.raises(ManifestError, match=r"auth\.secret: is empty"):
        uat.credentials({"CAPSYNC_KEY": "k", "CAPSYNC_SECRET": ""})


def test_an_environment_without_auth_says_so_when_it_is_called(tmp_path: Path) -> None:
    uat = load(tmp_path, MINIMAL).environment()
    assert uat.admin_credentials({}) is None
    with pytest.raises(ManifestError, match="auth is required to call the API"):
        uat.credentials({})


def test_a_secret_in_the_file_is_a_warning(tmp_path: Path) -> None:
    config = load(tmp_path, with_environment("auth: {type: basic, username: u, password: hunter2}"))
    assert [str(each) for each in config.warnings] == [
        "capsync.yaml:5:48: environments.uat.auth.password: a secret stands in the file"
        ' (write "${env.NAME}" and set that variable)'
    ]
    assert config.environment().credentials({}).secret.reveal() == "hunter2"


OTHER = """\
version: 1
default_environment: sandbox
environments:
  sandbox: {endpoint: sandbox}
  prod:
    endpoint: "${env.PROD_URL}"
    org_id: "${env.PROD_ORG}"
    concurrency: "${env.PROD_PARALLEL}"
    limits: {max_changes: "${env.PROD_MAX}"}
    approve: "${env.PROD_APPROVE}"
    timeout: 5
    brand: "${env.PROD_BRAND}"
"""
PROD = {
    "PROD_URL": "https://h.example",
    "PROD_ORG": "42",
    "PROD_PARALLEL": "3",
    "PROD_MAX": "9",
    "PROD_APPROVE": "true",
    "PROD_BRAND": "007",
}


def test_any_value_may_come_from_the_process_environment(tmp_path: Path) -> None:
    prod = load(tmp_path, OTHER, PROD).environment("prod")
    assert (prod.endpoint, prod.org_id, prod.concurrency) == ("https://h.example", 42, 3)
    assert (prod.limits.max_changes, prod.approve, prod.brand) == (9, True, "007")


def test_a_missing_variable_matters_only_to_its_environment(tmp_path: Path) -> None:
    config = load(tmp_path, OTHER)
    assert config.environment("sandbox").endpoint == "sandbox"
    with pytest.raises(ManifestError) as caught:
        config.environment("prod")
    found = [str(problem) for problem in caught.value.problems]
    assert len(found) == 6
    assert found[0] == (
        "capsync.yaml:6:15: environments.prod.endpoint:"
        " the environment variable PROD_URL is not set"
    )


def test_values_of_the_process_environment_are_checked_too(tmp_path: Path) -> None:
    found = problems(tmp_path, OTHER, PROD | {"PROD_ORG": "x", "PROD_URL": "http://h.example"})
    assert found == ['capsync.yaml:7:13: environments.prod.org_id: "x" is not a whole number']
    (problem,) = problems(tmp_path, OTHER, PROD | {"PROD_URL": "http://h.example"})
    assert "plain http would send the credentials in clear" in problem


def test_variables_are_for_manifests_alone(tmp_path: Path) -> None:
    text = MINIMAL.replace("project: p", 'project: p\nvariables: {a: 1}\nmanifests: ["${var.a}"]')
    assert problems(tmp_path, text) == [
        "capsync.yaml:4:13: manifests[0]: only ${env.NAME} can be used here (not ${var.a})"
    ]


@pytest.mark.parametrize("name", ["a b", "1a", "a.b", ""])
def test_names_of_variables(tmp_path: Path, name: str) -> None:
    (problem,) = problems(tmp_path, f'{MINIMAL}variables: {{"{name}": 1}}\n')
    assert "variables" in problem


def test_null_means_the_default(tmp_path: Path) -> None:
    text = with_environment("rate_limit: null\n    concurrency: null\n    limits: null")
    uat = load(tmp_path, text).environment()
    assert (uat.rate_limit, uat.concurrency, uat.limits.max_changes) == (60, 8, None)


def test_an_empty_environment_lacks_its_endpoint(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "version: 1\nenvironments: {e: }\n")
    assert problem.endswith("environments.e: endpoint is required")
