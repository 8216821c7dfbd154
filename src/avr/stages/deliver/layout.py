"""Names of everything in the output folder; docs/reference/output-folder.md describes it."""

from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit, urlunsplit

from avr.model.component import Component
from avr.model.fix import Fix
from avr.model.identifiers import Purl

WHEELS = "wheels"
"""Wheels and source archives of all releases: the folder for `--find-links`."""
TARBALLS = "tarballs"
"""Tarballs of npm's packages."""
PUBLIC_KEY = "public-key.pem"
REPORT_JSON = "report.json"
REPORT_HTML = "report.html"
MANIFEST = "manifest.dsse.json"

PROVENANCE = "provenance.dsse.json"
DELTA = "delta.dsse.json"
SBOM = "sbom.cdx.json"
VEX = "vex.openvex.json"
EVIDENCE = "evidence.json"
FINDINGS = "findings.json"
PLAN = "plan.json"
BACKPORT = "backport.json"
SECURITY_TESTS = "security-tests"
SECURITY_PATCH = "security-tests.patch"
LOGS = "logs"
PROJECT = "project"
"""Outputs of the tests of the user's own project."""

CAPSULE_ENVELOPE = "capsule.dsse.json"
"""Inside a capsule: the signed statement over all other members."""
CAPSULE_CLAIM = "claim.json"
CAPSULE_PATCH = "backport.patch"
CAPSULE_FIXES = "fixes.json"
"""Inside a capsule: the ported fixes with the contents of upstream's test files, which the verdict needs."""
CAPSULE_SUITE = "suite"
"""Inside a capsule: files of the upstream suite that the original archive lacks."""
CAPSULE_EXPLOITS = "exploits"
CAPSULE_CONTRACT = "exploits/contract.py"

EVIDENCE_SCHEMA = "avr.evidence/1"
FINDINGS_SCHEMA = "avr.findings/1"
PLAN_SCHEMA = "avr.plan/1"
BACKPORT_SCHEMA = "avr.backport/1"
REPORT_SCHEMA = "avr.report/1"
CAPSULE_SCHEMA = "avr.capsule/1"

MANIFEST_TYPE = "urn:avr-factory:manifest:1"
"""The predicate type of the statement over all files of an output folder."""
DELTA_TYPE = "urn:avr-factory:delta:1"
"""The predicate type of the statement that compares the artifacts with the registry's, member by member."""
CAPSULE_TYPE = "urn:avr-factory:capsule:1"
"""The predicate type of the statement over the members of a proof capsule."""
SLSA_PROVENANCE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:avr-factory:build-type:backport:1"
BUILDER = "urn:avr-factory:builder:local"


def artifact(name: str) -> str:
    """Where an artifact lies in the output folder: `wheels/NAME` or `tarballs/NAME`."""
    return f"{TARBALLS if name.endswith('.tgz') else WHEELS}/{name}"


def is_artifact(path: str) -> bool:
    """Whether a path in the output folder is that of an artifact."""
    return path == artifact(path.rpartition("/")[2])


def folder_name(component: Component, version: str) -> str:
    """The folder of one release: `jinja2-2.11.2+avr.1`."""
    return f"{component.slug}-{version}"


def patch_name(component: Component, version: str) -> str:
    """The name of a release's patch: `jinja2-2.11.2+avr.1.patch`."""
    return f"{folder_name(component, version)}.patch"


def capsule_name(component: Component, version: str) -> str:
    """The name of a release's proof capsule: `jinja2-2.11.2+avr.1.capsule.zip`."""
    return f"{folder_name(component, version)}.capsule.zip"


def release_purl(component: Component, version: str) -> Purl:
    """The package URL of a patched version: `pkg:pypi/jinja2@2.11.2%2Bavr.1`."""
    return Purl(f"{component.purl.rpartition('@')[0]}@{version.replace('+', '%2B')}")


def without_credentials(url: str) -> str:
    """`url` without user name, password, query and fragment, so that no secret gets into a document."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def told_of(fix: Fix) -> Fix:
    """The fix as documents tell of it: without credentials in its address."""
    return replace(fix, origin_url=without_credentials(fix.origin_url)) if fix.origin_url else fix


def is_inside(path: str) -> bool:
    """Whether `path` is a clean relative POSIX path that stays inside its folder."""
    clean = PurePosixPath(path)
    control = any(ord(letter) < 32 for letter in path)
    return bool(path) and str(clean) == path and not clean.is_absolute() and ".." not in clean.parts and not control
