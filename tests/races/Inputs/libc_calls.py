#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What calls of the C library read and write, and whether the race detector sees it.

usage: libc_calls.py [--levels=-O0,-O2] [--print] GROUP TEMP WEIR COMPILER...

A row of TABLE is `kind | raced | apart | call`: another goroutine makes the call, then main, which
nothing orders after it, accesses one byte: reads it if the kind is w (the call writes it), writes it
if it is r. Of `raced` a race must be reported, of the two lines; of `apart`, nothing. `$name` is a
field of the row's world (libc_world.h). A kind with a `-` behind it is known to be unseen, and must
be so; docs/design/races.md says why. All rows of a group run in one process.
"""
import argparse
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import run_cases  # noqa: E402

TABLE = {
    "string": """
r | $s[3] | $s[4] | memcpy($d, $s, opaque(4))
w | $d[3] | $d[4] | memcpy($d, $s, opaque(4))
r | $s[3] | $s[4] | memmove($d, $s, opaque(4))
w | $d[3] | $d[4] | memset($d, 1, opaque(4))
w | $d[3] | $d[4] | bzero($d, opaque(4))
w | $d[3] | $d[4] | explicit_bzero($d, opaque(4))
r | $s2[0] | $s2[4] | ignore(memcmp($s, $s2, opaque(4)))
r | $s2[0] | $s2[4] | ignore(bcmp($s, $s2, opaque(4)))
r | $s[2] | $s[3] | ignore((long)memchr($s, 'e', opaque(5)))
r | $s[4] | $s[5] | ignore((long)memrchr($s, 't', opaque(5)))
r | $s[0] | $s[9] | ignore((long)rawmemchr($s, 'w'))
r | $s[2] | $s[30] | ignore((long)memmem($s, opaque(7), "e", 1))
r | $s[2] | $s[4] | memccpy($d, $s, ' ', opaque(30))
w | $d[3] | $d[4] | memccpy($d, $s, ' ', opaque(30))
w | $d[5] | $d[6] | memccpy($d, $s, 'x', opaque(6))
r | $s[3] | $s[4] | mempcpy($d, $s, opaque(4))
w | $d[3] | $d[4] | mempcpy($d, $s, opaque(4))
r | $s[7] | $s[8] | strcpy($d, $s)
w | $d[7] | $d[8] | strcpy($d, $s)
r | $s[7] | $s[8] | strncpy($d, $s, opaque(20))
w | $d[19] | $d[20] | strncpy($d, $s, opaque(20))
r | $s[7] | $s[8] | stpcpy($d, $s)
w | $d[7] | $d[8] | stpcpy($d, $s)
r | $s[7] | $s[8] | stpncpy($d, $s, opaque(20))
w | $d[19] | $d[20] | stpncpy($d, $s, opaque(20))
r | $s[7] | $s[8] | strcat($d, $s)
w | $d[13] | $d[14] | strcat($d, $s)
r | $s[2] | $s[4] | strncat($d, $s, opaque(3))
w | $d[9] | $d[10] | strncat($d, $s, opaque(3))
r | $s[7] | $s[8] | ignore((long)strlen($s))
r | $s[2] | $s[3] | ignore((long)strnlen($s, opaque(3)))
r | $s2[0] | $s2[9] | ignore(strcmp($s, $s2))
r | $s2[0] | $s2[9] | ignore(strncmp($s, $s2, opaque(3)))
r | $s2[0] | $s2[9] | ignore(strcasecmp($s, $s2))
r | $s2[0] | $s2[9] | ignore(strncasecmp($s, $s2, opaque(3)))
r | $s2[0] | $s2[9] | ignore(strcoll($s, $s2))
r | $s2[0] | $s2[9] | ignore(strverscmp($s, $s2))
r | $s[7] | $s[8] | strxfrm($d, $s, opaque(20))
w | $d[7] | $d[30] | strxfrm($d, $s, opaque(20))
r | $s[2] | $s[9] | ignore((long)strchr($s, 'e'))
r | $s[2] | $s[9] | ignore((long)strchrnul($s, 'e'))
r | $s[7] | $s[9] | ignore((long)strrchr($s, 'e'))
r | $s[2] | $s[9] | ignore((long)strstr($s, "e"))
r | $s2[0] | $s2[9] | ignore((long)strstr($s, $s2))
r | $s[2] | $s[9] | ignore((long)strcasestr($s, "e"))
r | $s[2] | $s[9] | ignore((long)strspn($s, "onet"))
r | $s[2] | $s[9] | ignore((long)strcspn($s, "e"))
r | $s2[0] | $s2[9] | ignore((long)strcspn($s, $s2))
r | $s[2] | $s[9] | ignore((long)strpbrk($s, "e"))
r | $s[2] | $s[9] | ignore((long)strtok($s, " "))
r | $s[2] | $s[9] | ignore((long)strtok_r($s, " ", &$save))
w | $s[3] | $s[9] | ignore((long)strtok_r($s, " ", &$save))
w | $save | $end | ignore((long)strtok_r($s, " ", &$save))
r | $s[2] | $s[9] | $save = $s; ignore((long)strtok_r(NULL, " ", &$save))
r | $s2[0] | $s2[9] | ignore((long)strtok_r($s, $s2, &$save))
r | $s[6] | $s[9] | ignore((long)strtok_r($s, "x", &$save))
r | $s[2] | $s[9] | ignore((long)strsep(&$save, " "))
w | $s[3] | $s[9] | ignore((long)strsep(&$save, " "))
w | $save | $end | ignore((long)strsep(&$save, " "))
r | $s[7] | $s[8] | char *copy = strdup($s); ignore((long)copy); free(copy)
r | $s[1] | $s[3] | char *copy = strndup($s, opaque(2)); ignore((long)copy); free(copy)
r | $s[3] | $s[4] | swab($s, $d, opaque(4))
w | $d[3] | $d[4] | swab($s, $d, opaque(4))
""",
    "stdlib": """
r | $s[0] | $s[9] | ignore(strtol($s, NULL, 36))
w | $end | $save | ignore(strtol($s, &$end, 36))
w | $end | $save | ignore((long)strtoul($s, &$end, 36))
w | $end | $save | ignore(strtoll($s, &$end, 36))
w | $end | $save | ignore((long)strtoull($s, &$end, 36))
w | $end | $save | ignore((long)strtoimax($s, &$end, 36))
w | $end | $save | ignore((long)strtoumax($s, &$end, 36))
r | $s[0] | $s[9] | ignore((long)strtod($s, NULL))
w | $end | $save | ignore((long)strtod($s, &$end))
w | $end | $save | ignore((long)strtof($s, &$end))
w | $end | $save | ignore((long)strtold($s, &$end))
r | $s[0] | $s[9] | ignore(atoi($s))
r | $s[0] | $s[9] | ignore(atol($s))
r | $s[0] | $s[9] | ignore(atoll($s))
r | $s[0] | $s[9] | ignore((long)atof($s))
r | $s[2] | $s[9] | ignore((long)getenv($s))
r | $s2[2] | $s2[9] | setenv("A", $s2, 1)
r | $s2[2] | $s2[9] | setenv($s2, "", 1)
r | $s2[2] | $s2[9] | unsetenv($s2)
r | $ints[1] | $ints[3] | qsort($ints, 3, sizeof(int), by_value)
w | $ints[1] | $ints[3] | qsort($ints, 3, sizeof(int), by_value)
r | $s[0] | $s[9] | mbstowcs($wd, $s, opaque(20))
w | $wd[7] | $wd[8] | mbstowcs($wd, $s, opaque(20))
w | $d[7] | $d[8] | wcstombs($d, $ws, opaque(20))
r | $ws[0] | $ws[9] | wcstombs($d, $ws, opaque(20))
r | $s[0] | $s[9] | mbtowc($wd, $s, opaque(2))
w | $wd[0] | $wd[1] | mbtowc($wd, $s, opaque(2))
r | $s[0] | $s[9] | mblen($s, opaque(2))
w | $d[0] | $d[1] | wctomb($d, L'x')
w | $path[11] | $path[16] | set($path, "/tmp/weirXXXXXX"); close(mkstemp($path)); unlink($path)
w | $n | $n2 | rand_r((unsigned *)&$n)
w | $save | $end | EXPECT(posix_memalign((void **)&$save, 64, 64) == 0); free($save)
w | $f | $f2 | double of[1]; ignore(getloadavg(&$f, 1)); (void)of
r | $path[2] | $path[20] | char *real = realpath($path, NULL); free(real)
r | $path[0] | $path[9] | set($path, ":"); system($path)
w | $f | $f2 | ignore((long)modf(1.5, &$f))
w | $n | $n2 | ignore((long)frexp(opaque(3), &$n))
w | $f | $l | sincos((double)opaque(3), &$f, &$f2)
w | $n | $n2 | ignore((long)remquo((double)opaque(3), 2, &$n))
""",
    "stdio": """
w | $d[7] | $d[8] | sprintf($d, "%s", $s)
w | $d[3] | $d[4] | snprintf($d, opaque(4), "%s", $s)
r | $s[6] | $s[9] | snprintf($d, sizeof $d, "%s", $s)
r | $s2[1] | $s2[9] | snprintf($d, sizeof $d, $s2)
r | $s[6] | $s[9] | char *made = NULL; EXPECT(asprintf(&made, "%s", $s) > 0); free(made)
w | $save | $end | EXPECT(asprintf(&$save, "%s", $s) > 0); free($save)
r | $s[6] | $s[9] | fprintf(null(), "%s", $s)
r | $s[6] | $s[9] | dprintf(-1, $s)
w | $n | $n2 | sscanf("5", "%d", &$n)
w | $d[1] | $d[20] | sscanf("5", "%s", $d)
r | $s[0] | $s[9] | sscanf($s, "%d", &$n)
w | $n | $n2 | fscanf(text(), "%d", &$n)
w | $d[3] | $d[20] | ignore((long)fgets($d, opaque(40), text()))
w | $d[3] | $d[4] | ignore((long)fread($d, 1, opaque(4), text()))
r | $d[3] | $d[4] | ignore((long)fwrite($d, 1, opaque(4), null()))
w | $save | $end | ignore(getline(&$save, &$size, text()))
w | $size | $l | ignore(getline(&$save, &$size, text()))
w | $save | $end | ignore(getdelim(&$save, &$size, ' ', text()))
r | $s[6] | $s[9] | fputs($s, null())
r | $path[2] | $path[20] | ignore((long)fopen($path, "r"))
r | $s2[0] | $s2[9] | ignore((long)fopen($path, $s2))
r | $path[2] | $path[20] | ignore((long)freopen($path, "r", text()))
r | $path[2] | $path[20] | remove($path)
r | $path[2] | $path[20] | rename($path, $s)
r | $s[2] | $s[20] | rename($path, $s)
w | $pos | $n | fgetpos(text(), &$pos)
r | $pos | $n | FILE *file = text(); prepare_pos(file, &$pos); fsetpos(file, &$pos)
w | $save | $end | FILE *file = open_memstream(&$save, &$size); fputs("x", file); fclose(file); free($save)
r | $path[0] | $path[9] | set($path, ":"); pclose(popen($path, "r"))
w | $ws2[1] | $ws2[20] | ignore((long)fgetws($ws2, opaque(9), wide_text()))
r | $ws[1] | $ws[9] | fputws($ws, null())
r | $ws[1] | $ws[9] | fwprintf(null(), $ws)
w | $wd[7] | $wd[8] | swprintf($wd, opaque(20), L"%ls", $ws)
r | $ws[1] | $ws[9] | swprintf($wd, opaque(20), $ws)
r- | $ws[6] | $ws[9] | swprintf($wd, opaque(20), L"%ls", $ws)
r | $ws[0] | $ws[9] | swscanf($ws, L"%*d")
w- | $n | $n2 | swscanf(L"5", L"%d", &$n)
r- | $d[0] | $d[9] | FILE *file = fmemopen($d, 6, "r"); fclose(file)
""",
    "time": """
w | $t | $n | time(&$t)
r | $t | $n | localtime_r(&$t, &$tm)
w | $tm.tm_year | $n | localtime_r(&$t, &$tm)
w | $tm.tm_year | $n | gmtime_r(&$t, &$tm)
r | $t | $n | ignore((long)gmtime(&$t))
w | $d[3] | $d[30] | ctime_r(&$t, $d)
r | $tm.tm_year | $n | ignore((long)asctime(&$tm))
w | $d[3] | $d[30] | asctime_r(&$tm, $d)
r | $tm.tm_year | $n | ignore(mktime(&$tm))
w | $tm.tm_yday | $n | ignore(mktime(&$tm))
r | $tm.tm_year | $n | ignore(timegm(&$tm))
w | $tm.tm_yday | $n | ignore(timegm(&$tm))
r | $tm.tm_year | $n | strftime($d, opaque(20), "%Y", &$tm)
w | $d[4] | $d[5] | strftime($d, opaque(20), "%Y", &$tm)
r | $s[2] | $s[9] | strftime($d, opaque(20), $s, &$tm)
w | $wd[4] | $wd[5] | wcsftime($wd, opaque(20), L"%Y", &$tm)
r | $tm.tm_year | $n | wcsftime($wd, opaque(20), L"%Y", &$tm)
r | $s[0] | $s[9] | ignore((long)strptime($s, "%Y", &$tm))
w | $tm.tm_year | $n | ignore((long)strptime("2001", "%Y", &$tm))
w | $ts.tv_nsec | $ts2.tv_nsec | clock_gettime(CLOCK_REALTIME, &$ts)
w | $ts.tv_nsec | $ts2.tv_nsec | clock_getres(CLOCK_REALTIME, &$ts)
w | $ts.tv_nsec | $ts2.tv_nsec | timespec_get(&$ts, TIME_UTC)
w | $tv.tv_usec | $tv2.tv_usec | gettimeofday(&$tv, NULL)
r | $ts.tv_nsec | $ts2.tv_nsec | nanosleep(&$ts, NULL)
r | $ts.tv_nsec | $ts2.tv_nsec | clock_nanosleep(CLOCK_REALTIME, 0, &$ts, NULL)
w | $itv | $n | getitimer(ITIMER_REAL, &$itv)
r | $itv | $n | setitimer(ITIMER_REAL, &$itv, NULL)
r | $its | $n | timerfd_settime(-1, 0, &$its, NULL)
w | $tms | $n | ignore(times(&$tms))
""",
    "wchar": """
r | $ws[7] | $ws[8] | ignore((long)wcslen($ws))
r | $ws[2] | $ws[3] | ignore((long)wcsnlen($ws, opaque(3)))
r | $ws[7] | $ws[8] | wcscpy($wd, $ws)
w | $wd[7] | $wd[8] | wcscpy($wd, $ws)
w | $wd[7] | $wd[8] | wcpcpy($wd, $ws)
r | $ws[7] | $ws[8] | wcsncpy($wd, $ws, opaque(20))
w | $wd[19] | $wd[20] | wcsncpy($wd, $ws, opaque(20))
w | $wd[19] | $wd[20] | wcpncpy($wd, $ws, opaque(20))
w | $wd[13] | $wd[14] | wcscat($wd, $ws)
w | $wd[9] | $wd[10] | wcsncat($wd, $ws, opaque(3))
r | $ws2[0] | $ws2[9] | ignore(wcscmp($ws, $ws2))
r | $ws2[0] | $ws2[9] | ignore(wcsncmp($ws, $ws2, opaque(3)))
r | $ws2[0] | $ws2[9] | ignore(wcscasecmp($ws, $ws2))
r | $ws2[0] | $ws2[9] | ignore(wcsncasecmp($ws, $ws2, opaque(3)))
r | $ws2[0] | $ws2[9] | ignore(wcscoll($ws, $ws2))
r | $ws[0] | $ws[9] | ignore((long)wcschr($ws, L'e'))
r | $ws[7] | $ws[9] | ignore((long)wcsrchr($ws, L'e'))
r | $ws[0] | $ws[9] | ignore((long)wcsspn($ws, L"onet"))
r | $ws[0] | $ws[9] | ignore((long)wcscspn($ws, L"e"))
r | $ws[0] | $ws[9] | ignore((long)wcspbrk($ws, L"e"))
r | $ws[0] | $ws[9] | ignore((long)wcsstr($ws, L"e"))
r | $ws[0] | $ws[9] | ignore((long)wcstok($ws, L" ", &$wend))
w | $wend | $end | ignore((long)wcstok($ws, L" ", &$wend))
r | $ws[3] | $ws[4] | wmemcpy($wd, $ws, opaque(4))
w | $wd[3] | $wd[4] | wmemcpy($wd, $ws, opaque(4))
w | $wd[3] | $wd[4] | wmempcpy($wd, $ws, opaque(4))
w | $wd[3] | $wd[4] | wmemmove($wd, $ws, opaque(4))
w | $wd[3] | $wd[4] | wmemset($wd, L'x', opaque(4))
r | $ws2[0] | $ws2[9] | ignore(wmemcmp($ws, $ws2, opaque(4)))
r | $ws[0] | $ws[9] | ignore((long)wmemchr($ws, L'e', opaque(4)))
r | $ws[7] | $ws[8] | wchar_t *copy = wcsdup($ws); ignore((long)copy); free(copy)
r | $ws[0] | $ws[9] | ignore(wcstol($ws, NULL, 10))
w | $wend | $end | ignore(wcstol($ws, &$wend, 10))
w | $wend | $end | ignore((long)wcstoul($ws, &$wend, 10))
w | $wend | $end | ignore((long)wcstod($ws, &$wend))
r | $s[0] | $s[9] | mbrtowc($wd, $s, opaque(2), &$state)
w | $wd[0] | $wd[1] | mbrtowc($wd, $s, opaque(2), &$state)
r | $s[0] | $s[9] | mbrlen($s, opaque(2), &$state)
w | $d[0] | $d[1] | wcrtomb($d, L'x', &$state)
""",
    "unistd": """
w | $d[3] | $d[4] | full_pipe($fds); ignore(read($fds[0], $d, opaque(4)))
r | $d[3] | $d[4] | full_pipe($fds); ignore(write($fds[1], $d, opaque(4)))
w | $d[3] | $d[4] | int fd = text_file(); ignore(pread(fd, $d, opaque(4), 0))
w | $d[3] | $d[4] | int fd = text_file(); one_iovec(&$iov[0], $d, 4); ignore(readv(fd, $iov, 1))
r | $iov[0] | $n | int fd = text_file(); one_iovec(&$iov[0], $d, 4); ignore(readv(fd, $iov, 1))
w | $fds[1] | $fds[2] | EXPECT(pipe($fds) == 0)
w | $fds[1] | $fds[2] | EXPECT(pipe2($fds, O_CLOEXEC) == 0)
w | $fds[1] | $fds[2] | EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, $fds) == 0)
w | $d[0] | $d[126] | ignore((long)getcwd($d, opaque(100)))
w | $d[0] | $d[126] | ignore(readlink("/proc/self/exe", $d, opaque(4)))
r | $path[2] | $path[20] | ignore(readlink($path, $d, opaque(4)))
w | $d[0] | $d[126] | EXPECT(gethostname($d, opaque(100)) == 0)
w | $uts.nodename[0] | $n | uname(&$uts)
w | $st.st_size | $n | EXPECT(stat("/", &$st) == 0)
r | $path[2] | $path[20] | stat($path, &$st)
w | $st.st_size | $n | EXPECT(lstat("/", &$st) == 0)
w | $st.st_size | $n | EXPECT(fstat(0, &$st) == 0)
w | $st.st_size | $n | EXPECT(fstatat(AT_FDCWD, "/", &$st, 0) == 0)
w | $vfs.f_bsize | $n | EXPECT(statvfs("/", &$vfs) == 0)
r | $path[2] | $path[20] | ignore(open($path, O_RDONLY))
r | $path[2] | $path[20] | ignore(openat(AT_FDCWD, $path, O_RDONLY))
r | $path[2] | $path[20] | ignore(access($path, R_OK))
r | $path[2] | $path[20] | ignore(chdir($path))
r | $path[2] | $path[20] | ignore(chmod($path, 0))
r | $path[2] | $path[20] | ignore(unlink($path))
r | $path[2] | $path[20] | ignore(rmdir($path))
r | $path[2] | $path[20] | ignore(mkdir($path, opaque(0)) || rmdir("no such file"))
r | $path[2] | $path[20] | ignore(link($path, "no/such"))
r | $path[2] | $path[20] | ignore(truncate($path, 0))
r | $path[2] | $path[20] | ignore((long)opendir($path))
r | $path[2] | $path[20] | char *none[] = {NULL}; ignore(execv($path, none))
w | $limit.rlim_max | $n | EXPECT(getrlimit(RLIMIT_NOFILE, &$limit) == 0)
r | $limit.rlim_max | $n | setrlimit(-1, &$limit)
w | $usage.ru_nvcsw | $n | EXPECT(getrusage(RUSAGE_SELF, &$usage) == 0)
w | $d[3] | $d[4] | ignore(getrandom($d, opaque(4), 0))
w | $d[3] | $d[4] | ignore(getentropy($d, opaque(4)))
w | $status | $n | pid_t child = child_that_ends(); EXPECT(waitpid(child, &$status, 0) == child)
w | $set | $n | sigemptyset(&$set)
w | $act2 | $n | EXPECT(sigaction(SIGUSR1, NULL, &$act2) == 0)
r | $set | $n | clear(&$set); pthread_sigmask(SIG_BLOCK, &$set, NULL)
w | $poll[0].revents | $n | $poll[0].fd = -1; poll($poll, 1, 0)
r | $poll[0].fd | $n | prepare_poll($poll); poll($poll, 1, 0)
w | $fdset | $n | clear(&$fdset); select(1, &$fdset, NULL, NULL, &(struct timeval){0})
r | $tv | $n | select(0, NULL, NULL, NULL, &$tv)
w | $l | $n | int fd = eventfd(1, 0); EXPECT(eventfd_read(fd, (eventfd_t *)&$l) == 0)
""",
    "socket": """
r | $in.sin_port | $n | loopback(&$in); ignore(bind(-1, (struct sockaddr *)&$in, sizeof $in))
r | $in.sin_port | $n | loopback(&$in); ignore(connect(-1, (struct sockaddr *)&$in, sizeof $in))
r | $n | $n2 | $n = 1; ignore(setsockopt(-1, SOL_SOCKET, SO_REUSEADDR, &$n, sizeof $n))
w | $n | $n2 | int fd = udp(); $len = 4; EXPECT(getsockopt(fd, SOL_SOCKET, SO_TYPE, &$n, &$len) == 0)
w | $len | $n2 | int fd = udp(); $len = 4; EXPECT(getsockopt(fd, SOL_SOCKET, SO_TYPE, &$n, &$len) == 0)
w | $in.sin_port | $n | int fd = udp(); set_len(&$len); EXPECT(getsockname(fd, (struct sockaddr *)&$in, &$len) == 0)
w | $len | $n | int fd = udp(); set_len(&$len); EXPECT(getsockname(fd, (struct sockaddr *)&$in, &$len) == 0)
r | $d[3] | $d[4] | full_pair($fds); ignore(send($fds[0], $d, opaque(4), 0))
w | $d[3] | $d[4] | full_pair($fds); ignore(recv($fds[0], $d, opaque(4), 0))
w | $d[3] | $d[4] | full_pair($fds); ignore(recvfrom($fds[0], $d, opaque(4), 0, NULL, NULL))
r | $d[3] | $d[4] | full_pair($fds); ignore(sendto($fds[0], $d, opaque(4), 0, NULL, 0))
r | $in.sin_port | $n | loopback(&$in); ignore(sendto(-1, $d, 1, 0, (struct sockaddr *)&$in, sizeof $in))
w | $d[3] | $d[4] | full_pair($fds); one_message(&$msg, &$iov[0], $d); ignore(recvmsg($fds[0], &$msg, 0))
r | $d[3] | $d[4] | full_pair($fds); one_message(&$msg, &$iov[0], $d); ignore(sendmsg($fds[0], &$msg, 0))
w | $in | $n | ignore(inet_pton(AF_INET, "127.0.0.1", &$in))
r | $s[0] | $s[9] | ignore(inet_pton(AF_INET, $s, &$in))
w | $d[6] | $d[30] | ignore((long)inet_ntop(AF_INET, &$in, $d, opaque(20)))
r | $in | $n | ignore((long)inet_ntop(AF_INET, &$in, $d, opaque(20)))
r | $s[0] | $s[9] | ignore(inet_addr($s))
w | $event[0] | $n | int fd = ready_epoll(); EXPECT(epoll_wait(fd, $event, 1, 0) == 1)
r | $event[0] | $n | ignore(epoll_ctl(-1, EPOLL_CTL_ADD, 0, $event))
w | $thread | $n | EXPECT(pthread_create(&$thread, NULL, ends, NULL) == 0); join_other($thread)
w | $result | $n | pthread_t made = start_other(); EXPECT(pthread_join(made, &$result) == 0)
w | $n | $n2 | clear_sem(&$sem); sem_getvalue(&$sem, &$n)
""",
    "atomic": """
r | $value.part[2] | $n | atomic_store(&$big, $value)
w | $value.part[2] | $n | __atomic_load((struct big *)&$big, &$value, __ATOMIC_RELAXED)
w | $big | $n | atomic_store(&$big, $value)
r | $big | $n | $value = atomic_load(&$big)
w | $big | $n | $value = atomic_exchange(&$big, $value2)
r | $value2.part[2] | $n | __atomic_exchange((struct big *)&$big, &$value2, &$value, __ATOMIC_RELAXED)
w | $value.part[2] | $n | __atomic_exchange((struct big *)&$big, &$value2, &$value, __ATOMIC_RELAXED)
w | $big | $n | atomic_compare_exchange_strong(&$big, &$value, $value2)
w | $value.part[2] | $n | $value.part[0] = 1; atomic_compare_exchange_strong(&$big, &$value, $value2)
r | $value.part[2] | $n | atomic_compare_exchange_strong(&$big, &$value, $value2)
""",
}

HELPERS = """
HIDDEN static void set(char *to, const char *from) {
  while ((*to++ = *from++)) {}
}
HIDDEN static FILE *null(void) { FILE *f = fopen("/dev/null", "w"); EXPECT(f); return f; }
HIDDEN static FILE *text(void) {
  FILE *f = tmpfile();
  EXPECT(f && fputs("17 seventeen\\n", f) >= 0 && fseek(f, 0, SEEK_SET) == 0);
  return f;
}
HIDDEN static int text_file(void) { FILE *f = text(); fflush(f); return fileno(f); }
HIDDEN static FILE *wide_text(void) {
  int fd = text_file();
  EXPECT(lseek(fd, 0, SEEK_SET) == 0);
  return fdopen(fd, "r");
}
HIDDEN static void prepare_pos(FILE *f, fpos_t *pos) { EXPECT(fgetpos(f, pos) == 0); }
HIDDEN static void full_pipe(int *ends) { EXPECT(pipe(ends) == 0 && write(ends[1], "0123456789", 10) == 10); }
HIDDEN static void full_pair(int *ends) {
  EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && write(ends[1], "0123456789", 10) == 10);
}
HIDDEN static void one_iovec(struct iovec *v, void *at, size_t n) { v->iov_base = at; v->iov_len = n; }
HIDDEN static void one_message(struct msghdr *m, struct iovec *v, void *at) {
  one_iovec(v, at, 4);
  m->msg_iov = v;
  m->msg_iovlen = 1;
}
HIDDEN static pid_t child_that_ends(void) { pid_t p = fork(); if (p == 0) _Exit(0); return p; }
HIDDEN static void clear(void *at) { *(long *)at = 0; }
HIDDEN static void prepare_poll(struct pollfd *p) { p->fd = -1; }
HIDDEN static void loopback(struct sockaddr_in *a) { a->sin_family = AF_INET; a->sin_port = 1; }
HIDDEN static void set_len(socklen_t *n) { *n = sizeof(struct sockaddr_in); }
HIDDEN static int udp(void) { int fd = socket(AF_INET, SOCK_DGRAM, 0); EXPECT(fd >= 0); return fd; }
HIDDEN static int ready_epoll(void) {
  int fd = epoll_create1(0), ready = eventfd(1, 0);
  struct epoll_event e = {.events = EPOLLIN};
  EXPECT(epoll_ctl(fd, EPOLL_CTL_ADD, ready, &e) == 0);
  return fd;
}
HIDDEN static void *ends(void *unused) { return unused; }
HIDDEN static pthread_t start_other(void) { pthread_t t; EXPECT(pthread_create(&t, NULL, ends, NULL) == 0); return t; }
HIDDEN static void join_other(pthread_t t) { EXPECT(pthread_join(t, NULL) == 0); }
HIDDEN static void clear_sem(sem_t *s) { EXPECT(sem_init(s, 0, 1) == 0); }
"""


def rows_of(group):
    rows = []
    for line in TABLE[group].strip().splitlines():
        kind, raced, apart, call = (part.strip() for part in line.split("|", 3))
        rows.append((kind[0], kind.endswith("-"), raced, apart, call))
    return rows


def generate(rows):
    """The program, and the two lines of each row."""
    text = ['#include "libc_world.h"', *HELPERS.strip().splitlines()]
    lines = []
    for i, (kind, _, raced, apart, call) in enumerate(rows):
        def here(code):
            return code.replace("$", f"world_{i}.")
        touch = "look" if kind == "w" else "change"
        text += [f"struct world world_{i};",
                 f"static void call_{i}(void) {{",
                 f"  {here(call)};", "  hidden_post();", "}",
                 f"static void raced_{i}(void) {{",
                 f"  {touch}(&{here(raced)});", "  hidden_post();", "}",
                 f"static void apart_{i}(void) {{ {touch}(&{here(apart)}); hidden_post(); }}"]
        lines.append(sorted((len(text) - 7, len(text) - 3)))
    text += ["static const struct row rows[] = {"]
    text += [f"    {{call_{i}, raced_{i}, apart_{i}}}," for i in range(len(rows))]
    text += ["};", "int main(int argc, char **argv) {"]
    text += [f"  world_{i} = first_world; world_{i}.save = world_{i}.s;" for i in range(len(rows))]
    text += ["  return run_rows(rows, sizeof rows / sizeof *rows, argv[1], argc > 2 ? argv[2] : NULL);", "}"]
    return "\n".join(text) + "\n", lines


def run(program, form, reporter):
    env = {"WEIR_OPTIONS": "procs=1", "WEIR_REPORTER": reporter, "PATH": "/usr/bin:/bin"}
    try:
        return subprocess.run([program, form], env=env, capture_output=True, timeout=50)
    except subprocess.TimeoutExpired as late:
        return subprocess.CompletedProcess(late.args, -1, b"", b"does not end within 50 s\n")


def check(args, level, rows, lines, source):
    program = f"{args.temp}{level}"
    subprocess.run(args.compiler + ["-g", "-w", level, "-I", str(HERE), str(source), "-o", program] +
                   (["-latomic"] if args.group == "atomic" else []), check=True)
    wrong = []
    racy, quiet = (run(program, form, args.weir) for form in ("racy", "quiet"))
    if racy.returncode != 66:
        wrong.append(f"{level} racy: status {racy.returncode}\n{racy.stderr.decode(errors='replace')[-3000:]}")
    if quiet.returncode or quiet.stderr:
        wrong.append(f"{level} quiet: status {quiet.returncode}\n{quiet.stderr.decode(errors='replace')}")
    reports = re.split(r"^WARNING: Weir: ", racy.stderr.decode(errors="replace"), flags=re.M)[1:]
    found = {tuple(run_cases.reported_lines(text, source)) for text in reports}
    for (kind, unseen, raced, _, call), where in zip(rows, lines):
        if (tuple(where) in found) == unseen:
            wrong.append(f"{level} {kind} {raced}: {call}: " + ("is seen, but noted as not" if unseen else "missed"))
    for where in sorted(found - {tuple(where) for where in lines}):
        wrong.append(f"{level}: a report of lines {where}")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--levels", type=lambda text: text.split(","), default=["-O0", "-O2"])
    parser.add_argument("group", choices=TABLE)
    parser.add_argument("temp")
    parser.add_argument("weir")
    parser.add_argument("compiler", nargs="+")
    args = parser.parse_args()
    rows = rows_of(args.group)
    text, lines = generate(rows)
    source = pathlib.Path(args.temp + ".c")
    source.write_text(text)
    wrong = [text for level in args.levels for text in check(args, level, rows, lines, source)]
    for text in wrong:
        print(text)
    unseen = sum(row[1] for row in rows)
    print(f"{args.group}: {len(rows)} rows at {len(args.levels)} levels, {unseen} known to be unseen, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
