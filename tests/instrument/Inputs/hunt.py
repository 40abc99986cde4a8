#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hunts for checks of bytes that the program does not access, which would be false races.

usage: hunt.py [--seeds FROM:TO] [--levels L,L...] TEMP CLANG PLUGIN [FLAG...]

Each seed gives a C program of global variables, conditions, loops, choices and copies, in stretches
divided by calls of an unknown function. It runs over a stand-in of the race runtime (recorder.c)
that prints the bytes checked in each stretch: at -O0 these are those that the source accesses, and at
each other level they must be among them; a check of a read is fine where the byte is written. What an
optimizer need not access at all may be gone. Last comes one line with the counts.
"""
import argparse
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
SCALARS = ["char", "short", "int", "int", "long", "unsigned char", "_Bool"]
INTEGERS = ["char", "short", "int", "long", "unsigned char"]
N = 24  # elements of an array


class Program:
    """Random C from a seed. Every array index is masked or bounded, so nothing is undefined."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.scalars = [(f"s{i}", self.r.choice(SCALARS)) for i in range(8)]
        self.arrays = [(f"a{i}", self.r.choice(SCALARS)) for i in range(5)]
        self.fields = [self.r.choice(SCALARS) for _ in range(self.r.randint(2, 5))]
        self.records = ["r0", "r1", "r2"]
        self.tables = ["t0", "t1"]
        self.fresh = 0

    def name(self, prefix):
        self.fresh += 1
        return f"{prefix}_{self.fresh}"

    def field(self):
        return f"f{self.r.randrange(len(self.fields))}"

    def index(self, loops):
        i = self.r.choice(loops) if loops and self.r.random() < 0.8 else self.r.choice(["p", "q"])
        if i in loops:
            return self.r.choice([i, i, i, f"{i} + 1", f"{i} + 2"]) if self.r.random() < 0.9 else f"{i} & 7"
        return f"{i} & 15" if self.r.random() < 0.6 else str(self.r.randrange(16))

    def place(self, loops, pointers):
        kind = self.r.random()
        if kind < 0.3:
            return self.r.choice(self.scalars)[0]
        if kind < 0.55:
            return f"{self.r.choice(self.arrays)[0]}[{self.index(loops)}]"
        if kind < 0.7:
            return f"{self.r.choice(self.records)}.{self.field()}"
        if kind < 0.9 or not pointers:
            return f"{self.r.choice(self.tables)}[{self.index(loops)}].{self.field()}"
        return f"*{self.r.choice(pointers)}"

    def value(self, depth, loops, pointers):
        kind = self.r.random()
        if depth == 0 or kind < 0.35:
            return self.place(loops, pointers)
        if kind < 0.45:
            return self.r.choice(["p", "q", "3", "v"])
        inner = [self.value(depth - 1, loops, pointers) for _ in range(2)]
        if kind < 0.7:
            return f"({self.condition(depth - 1, loops, pointers)} ? {inner[0]} : {inner[1]})"
        return f"({inner[0]} {self.r.choice(['+', '-', '*'])} {inner[1]})"

    def condition(self, depth, loops, pointers):
        kind = self.r.random()
        if kind < 0.3:
            return self.r.choice(["p > 3", "q & 1", "p == q", "(p & 3) == 0", "v > 5"])
        if depth == 0 or kind < 0.6:
            return f"({self.place(loops, pointers)} {self.r.choice(['>', '==', '<', '!='])} {self.r.choice(['2', 'v', 'q'])})"
        a, b = (self.condition(depth - 1, loops, pointers) for _ in range(2))
        return f"({a} {self.r.choice(['&&', '||'])} {b})"

    def block(self, depth, loops, pointers, count):
        return "{ " + " ".join(self.statement(depth, loops, pointers) for _ in range(count)) + " }"

    def loop(self, depth, loops, pointers):
        i = self.name("i")
        to = self.r.choice(["p & 15", "q & 15", "16", "20", "p & 7"])
        step = self.r.choice(["++", "++", "++", " += 2"])
        body = self.block(depth - 1, loops + [i], pointers, self.r.randint(1, 3))
        return f"for (int {i} = 0; {i} < ({to}); {i}{step}) {body}"

    def pointer(self, depth, loops, pointers):
        name, type_ = self.name("c"), self.r.choice(INTEGERS)
        among = [n for n, t in self.scalars if t == type_] + [f"{n}[{self.index(loops)}]" for n, t in self.arrays if t == type_]
        among += [f"{n}.f{i}" for i, t in enumerate(self.fields) if t == type_ for n in self.records]
        if len(among) < 2:
            return "v++;"
        a, b = self.r.sample(among, 2)
        rest = " ".join(self.statement(max(depth - 1, 0), loops, pointers + [name]) for _ in range(2))
        local = ""
        if self.r.random() < 0.3:
            local, a = f"{type_} l{name} = ({type_})v; ", f"l{name}"
        return (f"{{ {local}{type_} *{name} = {self.condition(1, loops, pointers)} ? &{a} : &{b}; "
                f"v += (long)*{name}; {rest} }}")

    def statement(self, depth, loops, pointers):
        kind = self.r.random()
        if depth > 0 and kind < 0.2:
            then = self.block(depth - 1, loops, pointers, self.r.randint(1, 2))
            other = f" else {self.block(depth - 1, loops, pointers, 1)}" if self.r.random() < 0.5 else ""
            return f"if ({self.condition(2, loops, pointers)}) {then}{other}"
        if depth > 0 and kind < 0.4 and len(loops) < 2:
            return self.loop(depth, loops, pointers)
        if depth > 0 and kind < 0.5:
            return self.pointer(depth, loops, pointers)
        if kind < 0.55 and loops:
            return f"if ({self.condition(1, loops, pointers)}) {self.r.choice(['break', 'continue'])};"
        if kind < 0.6:
            a, b = self.r.sample(self.records + [f"{t}[{self.index(loops)}]" for t in self.tables], 2)
            return f"{a} = {self.condition(0, loops, pointers)} ? {b} : {a};" if self.r.random() < 0.3 else f"{a} = {b};"
        if kind < 0.63 and not loops:
            return "boundary();"
        if kind < 0.75:
            return f"v += (long)({self.value(2, loops, pointers)});"
        return f"{self.place(loops, pointers)} {self.r.choice(['=', '=', '+='])} {self.value(1, loops, pointers)};"

    def function(self, name):
        body = "\n  ".join(self.statement(3, [], []) for _ in range(self.r.randint(2, 5)))
        return f"static long {name}(int p, int q) {{\n  long v = q;\n  {body}\n  return v;\n}}\n"

    def type_of(self, name):
        return " ".join(self.fields) if name[0] in "rt" else dict(self.scalars + self.arrays)[name]

    def text(self):
        fields = " ".join(f"{t} f{i};" for i, t in enumerate(self.fields))
        lines = ['#include <stddef.h>', f"struct record {{ {fields} }};"]
        lines += [f"{t} {n};" for n, t in self.scalars] + [f"{t} {n}[{N}];" for n, t in self.arrays]
        lines += [f"struct record {n};" for n in self.records] + [f"struct record {n}[{N}];" for n in self.tables]
        lines += ["void boundary(void);", "volatile long sink;"]
        names = [f"work{i}" for i in range(4)]
        lines += [self.function(name) for name in names]
        everything = [n for n, _ in self.scalars + self.arrays] + self.records + self.tables
        rows = ", ".join(f'{{"{n}", (char *)&{n}, sizeof {n}}}' for n in everything)
        lines += ["struct variable { const char *name; char *at; size_t size; };",
                  f"const struct variable variables[] = {{{rows}}};",
                  f"const size_t n_variables = {len(everything)};"]
        calls = " ".join(f"for (int i = 0; i < 6; i++) {{ sink = {n}(i * 5, i ^ 3); boundary(); }}" for n in names)
        fill = " ".join(f"for (size_t i = 0; i < sizeof {n}; i++) ((unsigned char *)&{n})[i] = i * 7 % 5 * (i % 3 == 0);"
                        for n in everything if "_Bool" not in self.type_of(n))
        lines.append(f"int main(void) {{ {fill} boundary(); {calls} return 0; }}")
        return "\n".join(lines) + "\n"


def checks(args, source, level, plugin_flags):
    program = source.with_name(source.stem + level.replace(" ", ""))
    command = [args.clang, *level.split(), "-w", "-fwrapv", f"-fplugin={args.plugin}", *plugin_flags]
    subprocess.run([*command, "-c", source, "-o", f"{program}.o"], check=True)
    subprocess.run([args.clang, *level.split(), f"{program}.o", f"{args.temp}/recorder.o", "-o", program], check=True)
    out = subprocess.run([program], check=True, capture_output=True, text=True, timeout=20).stdout
    return dict(line.rsplit(" ", 1) for line in out.splitlines())


def hunt(args, seed):
    source = pathlib.Path(args.temp) / f"seed{seed}.c"
    source.write_text(Program(seed).text())
    truth = checks(args, source, "-O0", ["-fplugin-arg-weir-race=on"])
    wrong = []
    for level in args.levels:
        for byte, kind in checks(args, source, level, args.flags).items():
            if byte not in truth or (kind == "w" and truth[byte] == "r"):
                wrong.append(f"seed {seed} {level}: stretch {byte} is checked ({kind}), accessed: {truth.get(byte)}")
    return len(truth), wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", default="0:10")
    parser.add_argument("--levels", default="-O1,-O2,-O3")
    parser.add_argument("temp")
    parser.add_argument("clang")
    parser.add_argument("plugin")
    parser.add_argument("flags", nargs="*")
    args = parser.parse_args()
    args.levels = args.levels.split(",")
    pathlib.Path(args.temp).mkdir(parents=True, exist_ok=True)
    subprocess.run([args.clang, "-O1", "-w", "-fno-builtin", "-c", HERE / "recorder.c", "-o", f"{args.temp}/recorder.o"], check=True)
    first, last = map(int, args.seeds.split(":"))
    accesses, bad = 0, 0
    for seed in range(first, last):
        n, wrong = hunt(args, seed)
        accesses, bad = accesses + n, bad + bool(wrong)
        for line in wrong[:5]:
            print(line)
    print(f"{last - first} programs, {accesses} bytes accessed, {bad} programs with checks of others")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
