#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Boot a Debian system from a disk image, log in on the console, and check it. KTAP on stdout.

usage: run.py DIR IMAGE PLAN SPLATS

IMAGE is copied, so a second run begins with the same. Each line of PLAN is `boot RELEASE`, or the arguments of
guest.sh, which is in the system. `boot` takes the kernel and the initramfs of RELEASE out of the image's /boot, and starts
QEMU with them and the image as its disk; what ran before is shut down first. At the end of each boot, its messages are
compared with the patterns of SPLATS. DIR receives image, console-N.log and what each check said.
Exit status: 0 when all is right.
"""
import os
import re
import shutil
import subprocess
import sys
import threading
import time

SLOW = int(os.environ.get('VM_SLOW') or 1)
LIMIT = 1800 * SLOW  # seconds, for one check or a start: the host may be busy


class Failed(Exception):
    pass


class Guest:
    """A guest, whose console is read line by line."""

    def __init__(self, directory, image, release, number):
        self.log = f'{directory}/console-{number}.log'
        self.got = ''
        self.more = threading.Condition()
        for name in 'vmlinuz', 'initrd.img':
            target = f'{directory}/{name}'
            if os.path.exists(target):
                os.remove(target)
            subprocess.run(['debugfs', '-R', f'dump /boot/{name}-{release} {target}', image], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if not os.path.exists(target) or not os.path.getsize(target):
                raise Failed(f'the image has no /boot/{name}-{release}')
        khz = subprocess.run([f'{directory}/measure', 'khz'], check=True, capture_output=True, text=True).stdout.strip()
        # the parameters as in guest/boot.sh: a busy host must not look like a broken clock
        self.qemu = subprocess.Popen(
            ['qemu-system-x86_64', '-M', 'microvm,acpi=off,rtc=on', '-cpu', 'max', '-accel', 'tcg,thread=multi', '-smp', '2',
             '-m', '2G', '-no-reboot', '-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio',
             '-kernel', f'{directory}/vmlinuz', '-initrd', f'{directory}/initrd.img',
             '-append', f'tsc_early_khz={khz} tsc=reliable no_timer_check reboot=t console=ttyS0 root=/dev/vda '
                        'rw panic=-1 systemd.journald.forward_to_console=0',
             '-drive', f'file={image},format=raw,if=none,id=disk,cache=unsafe',
             '-device', 'virtio-blk-device,drive=disk', '-device', 'virtio-rng-device'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        with open(self.log, 'wb') as log:
            while data := os.read(self.qemu.stdout.fileno(), 65536):
                log.write(data)
                log.flush()
                with self.more:
                    self.got += data.decode(errors='replace')
                    self.more.notify()
        with self.more:
            self.qemu.wait()
            self.more.notify()

    def wait(self, pattern, limit=LIMIT):
        """Wait for pattern; what came before it is returned and forgotten."""
        end = time.time() + limit
        with self.more:
            while not (found := re.search(pattern, self.got)):
                if self.qemu.returncode is not None:
                    raise Failed(f'the guest ended while waiting for {pattern}: {self.last()}')
                if 'Kernel panic - not syncing' in self.got:
                    raise Failed(f'the kernel panicked: see {self.log}')
                if time.time() > end:
                    raise Failed(f'no {pattern} within {limit} s: {self.last()}')
                self.more.wait(1)
            before = self.got[:found.start()]
            self.got = self.got[found.end():]
            return before, found

    def last(self):
        return ([line for line in self.got.splitlines() if line.strip()] or ['nothing was said'])[-1].strip()

    def type(self, text):
        self.qemu.stdin.write(text.encode() + b'\n')
        self.qemu.stdin.flush()

    def login(self):
        self.wait('magic login: ')
        self.type('root')
        self.wait(r'root@magic:~# ')
        # from here on, only what commands say, and the kernel
        self.type('stty -echo cols 1000; PS1=; dmesg -n 1; echo "logged" in')
        self.wait(r'logged in\r?\n')

    def run(self, command):
        """The exit status and the output of a command."""
        self.type(f'{command}; echo "@end" $?')
        said, found = self.wait(r'@end (\d+)\r?\n')
        return int(found[1]), said.replace('\r', '')

    def shut_down(self):
        self.type('systemctl reboot')
        try:
            self.wait('no such line', 300 * SLOW)
        except Failed:
            pass
        if self.qemu.returncode is None:
            self.kill()
            raise Failed('systemctl reboot did not end the guest')

    def kill(self):
        self.qemu.kill()
        self.qemu.wait()


class Checks:
    def __init__(self, directory, image, splats):
        self.directory, self.image, self.splats = directory, image, splats
        self.number = self.failed = self.boots = 0
        self.guest = None
        self.release = 'nothing'

    def report(self, what, why, start):
        self.number += 1
        self.failed += bool(why)
        print(f'{"not " if why else ""}ok {self.number} - {self.release}: {what} # {int(time.time() - start)} s'
              f'{": " + why if why else ""}', flush=True)

    def end(self):
        """The end of a boot: what the kernel said, and the shutdown."""
        start = time.time()
        try:
            said = self.guest.run('dmesg')[1]
            self.guest.shut_down()
            with open(self.guest.log, errors='replace') as log:
                said += log.read()
            kernel = [line for line in said.splitlines() if re.match(r'\s*\[ *\d+\.\d+\] ', line)]
            bad = [line for line in kernel if self.splats.search(line)]
            why = bad[0].strip() if bad else ''
            if len(kernel) < 100:
                why = why or f'only {len(kernel)} lines are of the kernel, so nothing was looked at'
        except Failed as error:
            why = str(error)
        self.report('no splat', why, start)
        self.guest = None

    def boot(self, release):
        if self.guest:
            self.end()
        self.release = release
        self.boots += 1
        start, why = time.time(), ''
        try:
            self.guest = Guest(self.directory, self.image, release, self.boots)
            self.guest.login()
        except Failed as error:
            why = str(error)
            if self.guest:
                self.guest.kill()
            self.guest = None
        self.report('boot, and login on the console', why, start)

    def check(self, arguments):
        start, why, said = time.time(), '', ''
        try:
            if not self.guest:
                raise Failed('did not start')
            status, said = self.guest.run(f'check {arguments}')
            if status:
                why = ([line for line in said.splitlines() if line.strip()] or ['said nothing'])[-1]
        except Failed as error:
            why = str(error)
            if self.guest:
                self.guest.kill()
                self.guest = None
        name = arguments.split()[0]
        with open(f'{self.directory}/{self.boots}-{name}.log', 'w') as log:
            log.write(said)
        self.report(arguments, why, start)


def main(directory, image, plan, splats):
    with open(splats) as patterns:
        lines = [line.rstrip('\n') for line in patterns]
    pattern = re.compile('|'.join(line for line in lines if line and not line.startswith('#')))
    with open(plan) as lines:
        steps = [line.split('#')[0].strip() for line in lines]
    steps = [step for step in steps if step]
    copy = f'{directory}/disk'
    shutil.copy(image, copy)
    boots = [step for step in steps if step.startswith('boot ')]
    print('KTAP version 1')
    print(f'1..{len(steps) + len(boots)}', flush=True)
    checks = Checks(directory, copy, pattern)
    for step in steps:
        if step.startswith('boot '):
            checks.boot(step.split()[1])
        else:
            checks.check(step)
    if checks.guest:
        checks.end()
    bad = checks.failed + len(steps) + len(boots) - checks.number
    print(f'system: {checks.number - checks.failed} passed, {bad} failed')
    return bad != 0


if len(sys.argv) != 5:
    sys.exit(__doc__)
sys.exit(main(*sys.argv[1:]))
