# SPDX-License-Identifier: Apache-2.0
#
# What a test may say. A test is a .c or .test file with RUN lines, run by bash in
# one `&&` chain with pipefail; FileCheck, not, count and weir are on PATH. It
# starts from an empty environment (no WEIR_OPTIONS, colours or locale of the caller),
# is stopped after 60 s, and must keep its files under %t.
#
#   %weir          the weir program             %weircc        weir cc: instrumented
#   %clang         plain clang 19               %weircc_plain  weir cc without races
#   %weir_plugin   weir.so                      %libweir       libweir.a
#   %include       the public headers           %examples %src %build  folders
#   %python        python3
#
# Features: races (ThreadSanitizer's runtime starts on this machine), asan (AddressSanitizer's
# does, and its leak checker works), clang-format, plugin, runtime (libweir.a is there),
# sanitize (the reporter is a sanitizer build), checked-runtime (so is a second runtime),
# chromium, gdb (they are there), files-10000 (a process may have that many connections open), go (the Go compiler is there),
# pprof (so is its profile viewer), avx2 (the processor has it), yaml (Python reads it).
import importlib.util
import os
import resource
import shutil
import subprocess
import tempfile

import lit.formats

build, source = config.weir_build, config.weir_source
bin_dir, lib_dir = os.path.join(build, "bin"), os.path.join(build, "lib")

config.name = "weir"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".c", ".test"]
config.excludes = ["bench", "proof", "Inputs", "inputs"]
config.test_source_root = os.path.join(source, "tests")
config.test_exec_root = os.path.join(build, "tests")
config.pipefail = True
# lit's own limit needs a Python package beyond the standard library.
lit_config.bashPath = os.path.join(source, "tests", "tools", "timed_bash")

config.environment = {
    "PATH": os.pathsep.join([bin_dir, config.weir_llvm_bin, os.environ["PATH"]]),
    "HOME": tempfile.gettempdir(),
    "TMPDIR": tempfile.gettempdir(),
    "LC_ALL": "C",
    "TERM": "dumb",
    "WEIR_TEST_TIMEOUT": os.environ.get("WEIR_TEST_TIMEOUT", "60"),
}

if "WEIR_SARIF_SCHEMA" in os.environ:  # a copy of the standard's schema
    config.environment["WEIR_SARIF_SCHEMA"] = os.environ["WEIR_SARIF_SCHEMA"]

weir = os.path.join(bin_dir, "weir")
for pattern, value in [
    (r"%weircc_plain\b", weir + " cc --weir-no-race"),
    (r"%weircc\b", weir + " cc"),
    (r"%weir_plugin\b", os.path.join(lib_dir, "weir.so")),
    (r"%weir\b", weir),
    (r"%clangxx\b", config.weir_cxx),
    (r"%clang\b", config.weir_cc),
    (r"%include\b", os.path.join(source, "runtime", "include")),
    (r"%libweir\b", os.path.join(lib_dir, "libweir.a")),
    (r"%examples\b", os.path.join(source, "examples")),
    (r"%src\b", source),
    (r"%build\b", build),
    (r"%python\b", config.weir_python),
]:
    config.substitutions.append((pattern, value))


def sanitizer_starts(name):
    """Whether a program linked with this sanitizer's runtime gets as far as main and ends well."""
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "probe")
        compile_ = [config.weir_cc, "-fsanitize=" + name, "-x", "c", "-", "-o", program]
        made = subprocess.run(compile_, input=b"int main(void){return 0;}", capture_output=True)
        return made.returncode == 0 and subprocess.run([program]).returncode == 0


def may_trace():
    """Whether `weir attach` may look into a process that is not its child."""
    with subprocess.Popen(["sleep", "60"]) as p:
        try:
            tried = subprocess.run([weir, "attach", str(p.pid)], capture_output=True)
        finally:
            p.kill()
    return b"not allowed" not in tried.stderr


def cores_are_files():
    """Whether a crash leaves its core in the folder that it ran in."""
    with open("/proc/sys/kernel/core_pattern") as f:
        pattern = f.read().strip()
    limit = resource.getrlimit(resource.RLIMIT_CORE)[1]
    return pattern.startswith("core") and "/" not in pattern and limit == resource.RLIM_INFINITY


def pprof_works():
    """Whether `go tool pprof` does; newer releases of Go build it when it is first used."""
    try:
        tried = subprocess.run(["go", "tool", "pprof", "-h"], env=config.environment, timeout=300,
                               capture_output=True)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"usage" in (tried.stdout + tried.stderr).lower()


features = config.available_features
if sanitizer_starts("thread"):
    features.add("races")
else:
    lit_config.warning("ThreadSanitizer does not start here: tests of data races are skipped")
if sanitizer_starts("address"):
    features.add("asan")
with open("/proc/cpuinfo") as f:
    if " avx2 " in f.read():
        features.add("avx2")
if shutil.which("clang-format-19"):
    features.add("clang-format")
if shutil.which("go"):
    features.add("go")
    if pprof_works():
        features.add("pprof")
features.update(tool for tool in ("chromium", "gdb") if shutil.which(tool))
features.update(["yaml"] if importlib.util.find_spec("yaml") else [])
if os.path.exists(os.path.join(lib_dir, "weir.so")):
    features.add("plugin")
if os.path.exists(os.path.join(lib_dir, "libweir.a")):
    features.add("runtime")
if "address" in config.weir_sanitize:
    features.add("checked-runtime")
if config.weir_sanitize:
    features.add("sanitize")
if may_trace():
    features.add("ptrace")
else:
    lit_config.warning("processes may not be traced here: the test of `weir attach` is skipped")
if cores_are_files():
    features.add("cores")
else:
    lit_config.warning("crashes leave no core files here: the test of `weir core` is skipped")
if resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 10100:
    features.add("files-10000")
else:
    lit_config.warning("the hard limit of open files is too low for 10,000 connections: that test is skipped")
