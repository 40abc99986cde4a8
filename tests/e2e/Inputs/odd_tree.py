# SPDX-License-Identifier: Apache-2.0
#
# odd_tree.py FOLDER SERIAL DIRSUM: a tree with what real trees have, given to both
# programs: links to files, folders, nothing and upwards, a pipe, empty files, a
# file of some megabytes, odd names, an unreadable file and folder (if we are not
# root), and a folder deeper than a path may be long. The digests must be equal
# where both can read; the file at the bottom must be among dirsum's.
import os
import subprocess
import sys

folder, serial, dirsum = sys.argv[1], os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3])
root = os.geteuid() == 0
DEEP, NAME = 60, "d" * 100  # about 6,000 bytes of path; PATH_MAX is 4,096


def write(path, data):
    with open(path, "wb") as out:
        out.write(data)


def run(program, *args):
    return subprocess.run([program, *args], capture_output=True, text=True)


def make_deep():
    home = os.open(".", os.O_RDONLY)
    os.mkdir("deep")
    os.chdir("deep")
    for _ in range(DEEP):
        os.mkdir(NAME)
        os.chdir(NAME)
    write("bottom", b"far down\n")
    os.fchdir(home)


os.mkdir(folder)
os.chdir(folder)
os.mkdir("shallow")
write("shallow/empty", b"")
write("shallow/big", bytes(range(256)) * 20000)
write("shallow/a name with blanks, \xc3\xa9 and 'quotes'".encode("latin-1"), b"odd")
os.symlink("big", "shallow/link")
os.symlink("nowhere", "shallow/dangling")
os.symlink("..", "shallow/up")
os.mkfifo("shallow/pipe")
for i in range(300):
    os.makedirs(f"shallow/{i % 7}/{i % 11}", exist_ok=True)
    write(f"shallow/{i % 7}/{i % 11}/{i}", b"x" * i * 37)

plain, odd = run(serial, "shallow"), run(dirsum, "-j", "3", "shallow")
assert odd.returncode == 0, odd
assert plain.stdout == odd.stdout, (plain.stdout, odd.stdout)
assert len(odd.stdout.splitlines()) == 303, odd.stdout
assert "Weir:" not in odd.stderr, odd.stderr

make_deep()
deep = run(dirsum, "deep")
assert deep.returncode == 0, deep
assert deep.stdout.count("\n") == 1 and deep.stdout.endswith("/bottom\n"), deep.stdout

if not root:
    os.chmod("shallow/big", 0)
    os.mkdir("shallow/closed", 0)
    denied = run(dirsum, "shallow")
    assert denied.returncode == 1 and denied.stderr.count("Permission denied") == 2, denied
missing = run(dirsum, "shallow", "not-there")
assert missing.returncode == 1 and "not-there: No such file" in missing.stderr, missing
assert run(dirsum).returncode == 2
print("as expected")
