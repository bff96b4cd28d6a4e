"""Java: the example, what programs ask of the JVM compared with Linux, and projects that Maven and Gradle build."""

import os

# A JVM under software emulation on a busy machine, and whatever Maven has to fetch.
os.environ.setdefault("UNIK_TEST_DEADLINE", "600")

import json
import subprocess
import unittest

from language_case import LanguageTest
from projects import EXAMPLES, PROGRAMS
from unik import DEADLINE

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId>
  <artifactId>greeter</artifactId>
  <version>1.0</version>
  <properties>
    <maven.compiler.source>17</maven.compiler.source>
    <maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.apache.commons</groupId>
      <artifactId>commons-lang3</artifactId>
      <version>3.14.0</version>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <artifactId>maven-jar-plugin</artifactId>
        <version>3.4.2</version>
        <configuration>
          <archive><manifest><mainClass>org.example.Greeter</mainClass></manifest></archive>
        </configuration>
      </plugin>
    </plugins>
  </build>
</project>
"""
MAIN = """public class Main {
    public static void main(String[] args) {
        System.out.println("%s");
    }
}
"""
GREETER = """package org.example;

import org.apache.commons.lang3.StringUtils;

public class Greeter {
    public static void main(String[] args) {
        System.out.println(StringUtils.capitalize("hello, ") + String.join(" ", args));
    }
}
"""


class Java(LanguageTest):
    def source(self, name, files, unikfile=""):
        return self.project(name, files, f"name: {name}\nlanguage: java\n{unikfile}")

    def test_http_java(self):
        bundle = self.build_project(EXAMPLES / "http-java")
        again = self.workspace.unik("build", "-o", bundle, self.workspace.path / "http-java")
        self.assertIn("up to date", again.stderr)
        elsewhere = self.workspace.path / "elsewhere.unik"
        done = self.workspace.unik("build", "-q", "-o", elsewhere,
                                   self.copy(EXAMPLES / "http-java", "another folder"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(*[(built / "disk-qemu.qcow2").read_bytes() for built in (bundle, elsewhere)])
        inspected = self.workspace.unik("inspect", bundle).stdout
        self.assertRegex(inspected, r"Runtime +java \d+")
        self.assertRegex(inspected, "(?i)jit")
        with self.workspace.guest(bundle, "-p", "0:8080") as guest:
            url = f"http://localhost:{guest.port()}"
            self.assertEqual(self.fetch(f"{url}/a%20b?c=d"),
                             (200, b"hello from Java, you asked for /a%20b?c=d\n"))
            status, body = self.fetch(f"{url}/status")
            self.assertEqual((status, json.loads(body)["language"]), (200, "java"))
            # As on Linux: a JVM that a signal ended says so by its exit status.
            self.assertEqual(guest.stop(), 143)
            self.assertIn("stopped", guest.stdout)

    def check_features(self, options):
        bundle = self.build_project(PROGRAMS / "features-java")
        linux = subprocess.run(
            ["java", *options, PROGRAMS / "features-java/Features.java", "one", "two"],
            env=dict(os.environ, LANG="C.UTF-8"), stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=DEADLINE)
        expected = linux.stdout.splitlines()
        expected.remove("a program was started")
        with self.workspace.guest(bundle, "-e", f"JAVA_TOOL_OPTIONS={' '.join(options)}",
                                  program=("one", "two")) as guest:
            self.assertEqual(guest.wait(), linux.returncode)
            found = guest.stdout.splitlines()
        refusal = 'no program was started: Cannot run program "/bin/true": error=38, ' \
            "Function not implemented"
        self.assertIn(refusal, found)
        found.remove(refusal)
        self.assertEqual(found, expected)

    def test_programs_find_what_they_find_on_linux(self):
        self.check_features(["-Xmx64m", "-XX:+UseSerialGC"])

    def test_maven_builds_and_its_libraries_come_along(self):
        project = self.source("greeter", {
            "pom.xml": POM, "src/main/java/org/example/Greeter.java": GREETER})
        bundles = [self.workspace.path / f"{name}.unik" for name in ("greeter", "again")]
        for bundle in bundles:
            done = self.workspace.unik("build", "-q", "-o", bundle, project, deadline=DEADLINE)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            with open(project / "src/main/java/org/example/Greeter.java", "a") as file:
                file.write("// Compiled again, to the same bytes.\n")
        self.assertEqual(*[(bundle / "disk-qemu.qcow2").read_bytes() for bundle in bundles])
        done = self.workspace.unik("run", "-q", bundles[0], "--", "wörld")
        self.assertEqual((done.stdout, done.returncode), ("Hello, wörld\n", 0), done.stderr)
        self.assertEqual(sorted(os.listdir(project)), ["Unikfile", "pom.xml", "src"])

    def test_gradle_builds(self):
        project = self.source("graded", {
            "build.gradle": "apply plugin: 'java'\n"
                            "jar { manifest { attributes 'Main-Class': 'Main' } }\n",
            "src/main/java/Main.java": MAIN % "built by Gradle"}, "resources: {memory: 192M}\n")
        done = self.workspace.unik("run", "-q", self.workspace.build(project))
        self.assertEqual((done.stdout, done.returncode), ("built by Gradle\n", 0), done.stderr)
        self.assertEqual(sorted(os.listdir(project)), ["Unikfile", "build.gradle", "src"])

    def test_a_command_of_ones_own_may_make_the_jar(self):
        command = ("javac -d \"$UNIK_OUT/made\" Main.java && mkdir -p \"$UNIK_OUT/jars\" && "
                   "jar --create --file \"$UNIK_OUT/jars/made.jar\" --main-class Main"
                   " -C \"$UNIK_OUT/made\" . &&"
                   " \"$UNIK_TOOLS/take\" \"$UNIK_OUT/jars\" && \"$UNIK_TOOLS/link\"")
        project = self.source(
            "made", {"Main.java": MAIN % "made by hand"},
            f"build:\n  command: {json.dumps(command)}\nresources: {{memory: 192M}}\n")
        done = self.workspace.unik("run", "-q", self.workspace.build(project))
        self.assertEqual((done.stdout, done.returncode), ("made by hand\n", 0), done.stderr)

    def test_a_main_class_that_nobody_can_tell_is_asked_for(self):
        main = "public class %s { public static void main(String[] args) {} }\n"
        project = self.source("several", {"One.java": main % "One", "Two.java": main % "Two"})
        self.refused(project, r"expected one class with a main method, found 2 \(One.java Two.java\)")

    def test_what_javac_says_is_shown(self):
        project = self.source("wrong", {"Wrong.java": "public class Wrong { int n = none; }\n"})
        self.refused(project, r"(?s)Wrong\.java:1: error: cannot find symbol")


if __name__ == "__main__":
    unittest.main()
