"""Python: the example as a service, what a program finds around it, and packages: pinned, or refused.

The packages are wheels made here, so that no registry is needed; tests/e2e/service_*_test.py have real
ones."""

import base64
import hashlib
import subprocess
import unittest
import zipfile

from language_case import LanguageTest
from projects import EXAMPLES

SURROUNDINGS = """
import ctypes, decimal, hashlib, json, locale, lzma, os, sqlite3, ssl, sys, threading, traceback
from datetime import datetime
from zoneinfo import ZoneInfo
from tool.words import GREETING

print(os.getcwd(), open("data/words.txt").read().strip(), GREETING, sys.argv[1:])
print(locale.setlocale(locale.LC_ALL, ""), sys.getfilesystemencoding(), sys.flags.hash_randomization)
print(datetime(2024, 7, 1, tzinfo=ZoneInfo("Europe/Paris")).isoformat())
print(ssl.create_default_context().cert_store_stats()["x509_ca"] > 50)
print(sqlite3.connect("/tmp/a.db").execute("SELECT 6 * 7").fetchone())
print(lzma.decompress(lzma.compress(b"packed")), decimal.Decimal(1) / 8, len(hashlib.sha3_256().digest()))
print(ctypes.CDLL(None).abs(-5), len(json.dumps(list(range(100)))))
print(os.path.exists("/app/.token"), os.path.exists("/app/Unikfile"))
threads = [threading.Thread(target=print, args=(f"thread {i}",)) for i in range(3)]
for thread in threads:
    thread.start()
    thread.join()
try:
    {}["missing"]
except KeyError:
    print(traceback.format_exc())
sys.exit(7)
"""

EXPECTED = """/app words from a file greetings ['one', 'two']
C.UTF-8 utf-8 1
2024-07-01T00:00:00+02:00
True
(42,)
b'packed' 0.125 32
5 390
False False
thread 0
thread 1
thread 2
Traceback (most recent call last):
  File "/app/tool/__main__.py", line 20, in <module>
    {}["missing"]
    ~~^^^^^^^^^^^
KeyError: 'missing'

"""


def wheel(folder, name, version, text, needs=()):
    """Writes a wheel of one module; returns its digest."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + "".join(f"Requires-Dist: {need}\n" for need in needs),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for file, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=")
        record += f"{file},sha256={digest.decode()},{len(content)}\n"
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in files.items():
            archive.writestr(file, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Python(LanguageTest):
    def test_http_python(self):
        first = self.check_example("http-python", "python", 0)
        # Elsewhere, with nothing of the first build at hand, it becomes the same image.
        second = self.workspace.path / "second.unik"
        other = self.copy(EXAMPLES / "http-python", "elsewhere")
        done = self.workspace.unik("build", "-q", "-o", second, other, environment={
            "XDG_CACHE_HOME": str(self.workspace.path / "other-cache")})
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("kernel.elf", "disk-qemu.qcow2"):
            self.assertTrue((first / name).read_bytes() == (second / name).read_bytes(), name)

    def test_surroundings_of_a_module(self):
        project = self.project("surroundings", {
            "tool/__main__.py": SURROUNDINGS, "tool/__init__.py": "",
            "tool/words.py": 'GREETING = "greetings"\n', "data/words.txt": "words from a file\n",
            ".token": "secret\n",
        }, "name: app\nlanguage: python\nbuild: {output: tool}\nargs: [none]\n")
        found = self.output_of(project, "--", "one", "two", code=7)
        if "~~^^" not in found:  # Python marks the place from 3.11 on
            self.assertEqual(found, EXPECTED.replace("    ~~^^^^^^^^^^^\n", ""))
        else:
            self.assertEqual(found, EXPECTED)

    def test_packages_by_requirements(self):
        wheels = self.workspace.path / "wheels"
        digest = wheel(wheels, "greet", "1.2", "import word\nprint(word.WORD, __file__)\n", ["word>=2"])
        wheel(wheels, "word", "2.1", 'WORD = "hello"\n')
        index = f"--no-index\n--find-links {wheels}\n"
        project = self.project("packages", {"main.py": "import greet\n"}, "name: app\n")
        requirements = project / "requirements.txt"

        requirements.write_text(index + "greet\nword==2.*  # any\n")
        self.refused(project, r"expected NAME==VERSION in requirements.txt, found: greet, word==2\.\*")
        requirements.write_text(index + "greet==1.2\n")
        self.refused(project, r"leaves out what its packages need; add: word==2\.1")
        requirements.write_text(index + f"greet==1.2 --hash=sha256:{digest[::-1]}\n")
        self.refused(project, "(?i)hash")
        requirements.write_text(index + "greet==1.2\n-r more.txt\n")
        (project / "more.txt").write_text("Word == 2.1\n")
        self.assertRegex(self.output_of(project), r"^hello /\S+/(dist|site)-packages/greet\.py\n$")
        (project / "Unikfile").write_text("name: app\nbuild: {output: greet}\n")
        self.assertIn("packages/greet.py\n", self.output_of(project))

    def test_packages_of_a_virtual_environment(self):
        project = self.project("environment", {"main.py": "import greet\n"}, "name: app\n")
        subprocess.run(["python3", "-m", "venv", "--without-pip", project / ".venv"], check=True)
        [packages] = (project / ".venv/lib").glob("python3*/site-packages")
        (packages / "greet.py").write_text('print("hello from the environment")\n')
        self.assertEqual(self.output_of(project), "hello from the environment\n")

    def test_projects_that_cannot_be_built(self):
        project = self.project("broken", {"main.py": "print('one')\nprint(\n"},
                               "name: app\nlanguage: python\n")
        self.refused(project, r"main\.py:2: '\(' was never closed")
        (project / "main.py").rename(project / "data.txt")
        self.refused(project, "found no script; name one, or a module")
        (project / "main.py").write_text("print('one')\n")
        for output in ("no.such", "main.p", "more/main.py", "more/tool"):
            (project / "Unikfile").write_text(f"name: app\nbuild: {{output: {output}}}\n")
            self.refused(project, f"or a module at '{output}', found none")
        (project / "Unikfile").write_text("name: app\n")
        (project / "pyproject.toml").write_text('[project]\nname = "app"\ndependencies = ["greet>=1"]\n')
        self.refused(project, "requirements.txt, which pins them, is missing")


if __name__ == "__main__":
    unittest.main()
