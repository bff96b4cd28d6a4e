"""unik(1) lists every diagnostic id that the sources use, and no other."""

import re
import subprocess
import unittest

from unik import SOURCE, UNIK

# How sources name an id: as the first text of a call that makes a diagnostic, or as a member.
CALLS = (r"(?:make_error|error_at|report|problem|run_successfully|Refusal|PathProblem)"
         r"\s*[({](?:[^();\"]|\([^()]*\))*?\"([a-z]+(?:-[a-z]+)*)\"")
MEMBERS = r"(?:\bid = |\{\"id\", )\"([a-z-]+)\""
# Made with fmt from a kind of name, in src/manifests and src/cli.
COMPOSED = {"unknown-language", "unknown-target", "unknown-component"}
TABLE = SOURCE / "src/cli/diagnostic_ids.cpp"


def listed():
    """The ids of the two tables: unik's own, a running image's."""
    page = subprocess.run([UNIK, "manual", "unik"], check=True, capture_output=True, text=True).stdout
    own, guest = page.split(".SH DIAGNOSTICS\n")[1].split(".SS Warnings of a running image\n")
    entry = re.compile(r"^\.TP\n\\fB([a-z\\-]+)\\fR$", re.MULTILINE)
    return [{name.replace("\\-", "-") for name in entry.findall(part)} for part in (own, guest)]


def sources(folder, *suffixes):
    return "\n".join(path.read_text() for path in sorted((SOURCE / folder).rglob("*"))
                     if path.suffix in suffixes and path != TABLE)


class DiagnosticIds(unittest.TestCase):
    def test_every_id_of_the_tool_is_listed(self):
        text = sources("src", ".cpp", ".hpp")
        used = set(re.findall(CALLS, text)) | set(re.findall(MEMBERS, text)) | COMPOSED
        self.assertGreater(len(used), 70, "the patterns find too little")
        self.assertEqual(used - listed()[0], set(), "missing in src/cli/diagnostic_ids.cpp")

    def test_no_listed_id_is_out_of_use(self):
        text = sources("src", ".cpp", ".hpp")
        unused = {name for name in listed()[0] - COMPOSED if f'"{name}"' not in text}
        self.assertEqual(unused, set(), "no source uses it")

    def test_warnings_of_the_library_os_are_listed(self):
        text = sources("base-images/library-os/components", ".cpp", ".hpp")
        used = set(re.findall(r"\bwarn\(\s*\"([a-z-]+)\"", text))
        self.assertGreater(len(used), 5, "the pattern finds too little")
        self.assertEqual(listed()[1], used)


if __name__ == "__main__":
    unittest.main()
