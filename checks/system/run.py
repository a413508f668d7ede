#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Boot a Debian system from a disk image, log in on the console, and check it. KTAP on stdout.

usage: run.py DIR IMAGE PLAN GUEST

IMAGE is copied, so a second run begins with the same. Each line of PLAN is `boot RELEASE [MACHINE]`, or the arguments of
guest.sh, which is in the system. `boot` takes the kernel and the initramfs of RELEASE out of the image's /boot, and starts
QEMU with them and the image as its disk; what ran before is shut down first. MACHINE is microvm (default) or pc. At the
end of each boot, GUEST/scan.awk looks at its messages and its taint, as it does for every guest. A step that did not run has
failed. DIR has `measure`, and receives disk, console-N.log, splats-N and what each check said. Time limits are for an idle
machine, and are multiplied with VM_SLOW and by what `measure speed` says.
Exit status: 0 when all is right.
"""
import os
import re
import shutil
import subprocess
import sys
import threading
import time

LIMIT = 900  # seconds, for one check or a start
# QEMU's name, where virtio devices are, and threads. Kernels of distributions have JUMP_LABEL, and patch their code while other
# CPUs run it: with a thread for each CPU, one of three boots of Debian's 6.12 died of an int3 in sched_clock_cpu().
MACHINES = {'microvm': ('microvm,acpi=off,rtc=on', 'device', 'multi'), 'pc': ('q35', 'pci', 'single')}


class Failed(Exception):
    pass


def output(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def last_line(text):
    return ([line.strip() for line in text.splitlines() if line.strip()] or [''])[-1]


class Guest:
    """A guest, whose console is read line by line."""

    def __init__(self, directory, image, release, number, machine='microvm'):
        self.log = f'{directory}/console-{number}.log'
        self.measure = f'{directory}/measure'
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
        if machine not in MACHINES:
            raise Failed(f'{machine} is none of {" and ".join(MACHINES)}')
        machine, bus, threads = MACHINES[machine]
        khz = output([self.measure, 'khz'])
        # the parameters as in guest/boot.sh: a busy host must not look like a broken clock
        self.qemu = subprocess.Popen(
            ['qemu-system-x86_64', '-M', machine, '-cpu', 'max', '-accel', f'tcg,thread={threads}', '-smp', '2',
             '-m', '2G', '-no-reboot', '-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio',
             '-kernel', f'{directory}/vmlinuz', '-initrd', f'{directory}/initrd.img',
             '-append', f'tsc_early_khz={khz} tsc=reliable no_timer_check reboot=t console=ttyS0 root=/dev/vda '
                        'rw panic=-1 systemd.journald.forward_to_console=0',
             '-drive', f'file={image},format=raw,if=none,id=disk,cache=unsafe',
             '-device', f'virtio-blk-{bus},drive=disk', '-device', f'virtio-rng-{bus}'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

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

    def limit(self, seconds):
        speed = os.environ.get('VM_SPEED') or output([self.measure, 'speed'])
        return seconds * int(os.environ.get('VM_SLOW') or 1) * int(speed)

    def wait(self, pattern):
        """Wait for pattern; what came before it is returned and forgotten."""
        limit = self.limit(LIMIT)
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
        return last_line(self.got) or 'nothing was said'

    def type(self, text):
        self.qemu.stdin.write(text.encode() + b'\n')
        self.qemu.stdin.flush()

    def login(self):
        self.wait('magic login: ')
        self.type('root')
        self.wait(r'root@magic:~# ')
        # from here on, only what commands say, and the kernel
        self.type("stty -echo cols 1000; PS1=; bind 'set enable-bracketed-paste off'; dmesg -n 1; echo 'logged' in")
        self.wait(r'logged in\r?\n')

    def run(self, command):
        """The exit status and the output of a command."""
        self.type(f'{command}; echo "@end" $?')
        said, found = self.wait(r'@end (\d+)\r?\n')
        return int(found[1]), said.replace('\r', '')

    def shut_down(self):
        self.type('dmesg -n 7; systemctl reboot')
        self.reader.join(self.limit(300))
        if self.reader.is_alive():
            self.kill()
            raise Failed('systemctl reboot did not end the guest')

    def kill(self):
        self.qemu.kill()
        self.qemu.wait()


class Checks:
    def __init__(self, directory, image, guest_dir):
        self.directory, self.image, self.guest_dir = directory, image, guest_dir
        self.number = self.failed = self.boots = 0
        self.guest = None
        self.release = 'nothing'

    def report(self, what, why, start, said=''):
        """A line for what was done; why it failed, if it did, or the last line that was said."""
        self.number += 1
        self.failed += bool(why)
        print(f'{"not " if why else ""}ok {self.number} - {self.release}: {what} # {int(time.time() - start)} s'
              f'{": " if why or said else ""}{why or said}', flush=True)

    def end(self):
        """The end of a boot: what the kernel said, and the shutdown."""
        start = time.time()
        try:
            # on the console, as all messages before the login and from the shutdown on
            self.guest.run('dmesg')
            taint = self.guest.run('cat /proc/sys/kernel/tainted')[1].strip()
            self.guest.shut_down()
            why = self.scan(taint)
        except Failed as error:
            why = str(error)
        self.report('no splat', why, start)
        self.guest = None

    def scan(self, taint):
        """Empty, or the first line of what guest/scan.awk finds."""
        with open(self.guest.log, errors='replace', newline='') as log:
            # other lines are what commands say
            kernel = [line for line in log.read().replace('\r', '').split('\n') if re.match(r'\[ *\d+\.\d+\] ', line)]
        if not taint.isdigit():
            return f'the taint is {taint!r}'
        if len(kernel) < 100:
            return f'only {len(kernel)} lines are of the kernel, so nothing was looked at'
        with open(f'{self.directory}/messages', 'w') as file:
            file.write('\n'.join(kernel) + '\n')
        with open(f'{self.directory}/results', 'w') as file:
            file.write(f'@taint {taint}\n@done\n')
        found = output(['awk', '-f', f'{self.guest_dir}/scan.awk', f'{self.guest_dir}/splats', f'{self.guest_dir}/excuses',
                      f'{self.directory}/messages', f'{self.directory}/results'])
        with open(f'{self.directory}/splats-{self.boots}', 'w') as file:
            file.write(found + '\n')
        return '' if found == f'scanned {len(kernel)} lines' else found.splitlines()[0].replace('\t', ': ')

    def boot(self, release, *machine):
        if self.guest:
            self.end()
        self.release = release
        self.boots += 1
        start, why = time.time(), ''
        try:
            self.guest = Guest(self.directory, self.image, release, self.boots, *machine)
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
                why = last_line(said) or 'said nothing'
        except Failed as error:
            why = str(error)
            if self.guest:
                self.guest.kill()
                self.guest = None
        name = arguments.split()[0]
        with open(f'{self.directory}/{self.boots}-{name}.log', 'w') as log:
            log.write(said)
        self.report(arguments, why, start, last_line(said))


def main(directory, image, plan, guest_dir):
    with open(plan) as lines:
        steps = [line.split('#')[0].strip() for line in lines]
    steps = [step for step in steps if step]
    copy = f'{directory}/disk'
    shutil.copy(image, copy)
    boots = [step for step in steps if step.startswith('boot ')]
    print('KTAP version 1')
    print(f'1..{len(steps) + len(boots)}', flush=True)
    checks = Checks(directory, copy, guest_dir)
    for step in steps:
        if step.startswith('boot '):
            checks.boot(*step.split()[1:])
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
