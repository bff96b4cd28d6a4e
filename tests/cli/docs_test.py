"""Manual pages and completions are what the program's tables say, and tools can read them."""

import subprocess
import unittest
from pathlib import Path

from unik import SOURCE, UNIK


def output(*arguments):
    return subprocess.run([UNIK, *arguments], check=True, capture_output=True, text=True).stdout


def commands():
    lines = output("help").split("Commands:\n")[1].split("\n\n")[0].splitlines()
    return [line.split()[0] for line in lines]


class Docs(unittest.TestCase):
    def same(self, path, text):
        self.assertEqual((SOURCE / path).read_text(), text,
                         f"{path} is stale: run scripts/update-docs")

    def test_manual_pages_are_current(self):
        self.same("man/unik.1", output("manual", "unik"))
        self.same("man/Unikfile.5", output("manual", "Unikfile"))
        self.same("man/unik-policy.5", output("manual", "unik-policy"))
        for command in commands():
            self.same(f"man/unik-{command}.1", output("manual", f"unik-{command}"))

    def test_no_page_is_left_over(self):
        wanted = {"unik.1", "Unikfile.5", "unik-policy.5", "README.md"} | {f"unik-{c}.1" for c in commands()}
        self.assertEqual({p.name for p in (SOURCE / "man").iterdir()}, wanted)

    def test_manual_pages_have_no_roff_errors(self):
        for page in (SOURCE / "man").glob("*.[15]"):
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "error", page],
                                  capture_output=True, text=True)
            self.assertEqual(done.stdout + done.stderr, "", page.name)

    def test_completions_are_current_and_load(self):
        for shell, path, check in (
            ("bash", "completions/unik.bash", ["bash", "-n"]),
            ("zsh", "completions/_unik", ["zsh", "-n"]),
            ("fish", "completions/unik.fish", ["fish", "--no-execute"]),
        ):
            self.same(path, output("completion", shell))
            subprocess.run([*check, SOURCE / path], check=True)

    def complete(self, *words):
        script = (f'source {SOURCE}/completions/unik.bash; PATH="{Path(UNIK).parent}:$PATH"; '
                  'COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _unik; printf "%s\\n" "${COMPREPLY[@]}"')
        return subprocess.run(["bash", "-c", script, "bash", *words], check=True,
                              capture_output=True, text=True).stdout.split()

    def test_bash_completes_commands_options_and_values(self):
        self.assertEqual(self.complete("unik", "bu"), ["build"])
        self.assertIn("--explain", self.complete("unik", "build", "--e"))
        self.assertEqual(self.complete("unik", "run", "--boot", "d"), ["disk"])
        self.assertIn("qemu", self.complete("unik", "build", "--target", ""))

    def test_every_option_is_in_help_manual_and_completion(self):
        bash = output("completion", "bash")
        for command in commands():
            options = [line.split()[-1] if "," not in line else line.split()[1]
                       for line in output("help", command).splitlines()
                       if line.startswith("  -")]
            page = output("manual", f"unik-{command}").replace("\\-", "-")
            for line in output("help", command).splitlines():
                if not line.startswith("  -"):
                    continue
                name = next(word for word in line.replace(",", "").split() if word.startswith("--"))
                self.assertIn(f"{name}\\fR", page, command)
                self.assertIn(name, bash, command)
            self.assertTrue(options, command)


if __name__ == "__main__":
    unittest.main()
