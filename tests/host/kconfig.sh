# SPDX-License-Identifier: GPL-2.0
# kconfig.sh: host tests of scripts/kconfig.sh, with a script in the place of the kernel's make

# kernel DROPPED: src/ and a ./kmake whose kconfig drops the symbol DROPPED, and two fragments
kernel() {
	mkdir src
	: >src/Kconfig
	cat >kmake <<-EOF
		#!/bin/sh
		echo run >>runs
		for a in "\$@"; do case \$a in KCONFIG_*) export "\$a" ;; esac; done
		grep '^CONFIG_' "\$KCONFIG_ALLCONFIG" | grep -v '^$1=' | awk -F= '{ v[\$1] = \$0 } END { for (s in v) print v[s] }' |
			grep -v '=n\$' | sort >"\$KCONFIG_CONFIG"
	EOF
	chmod +x kmake
	printf 'CONFIG_BPF=y\nCONFIG_NET=y\nCONFIG_NAME="x y"\n' >small.config
	printf 'CONFIG_NET=n\n# CONFIG_OFF is not set\nCONFIG_MOD=m\n' >more.config
}

config() {
	"$ROOT/scripts/kconfig.sh" src obj small.config more.config -- ./kmake
}

t_config() {
	kernel none
	config
	grep -qx 'CONFIG_NAME="x y"' obj/.config
	not grep CONFIG_NET obj/.config
}

t_config_dropped_symbol() {
	kernel CONFIG_MOD
	refuses '^CONFIG_MOD: more.config: kconfig made n of m' config
	[ ! -e obj/.config ]
	fails config # a second run does not take it for good
}

t_config_overridden_symbol() {
	kernel none
	sed -i 's/grep -v .=n\$./sed s,NET=n,NET=y,/' kmake
	fails_with '^CONFIG_NET: more.config: kconfig made y of n' config
}

# a dropped symbol does not spoil the configuration that was good
t_config_keeps_the_good_one() {
	kernel none
	config
	cp -p obj/.config good
	echo CONFIG_NEW=y >>more.config
	sed -i "s/-v '^none='/-v NEW/" kmake
	refuses '^CONFIG_NEW: more.config: kconfig made n of y' config
	cmp obj/.config good
}

t_config_untouched() {
	kernel none
	config
	touch -d 2020-01-01 obj/.config
	config
	same "$(wc -l <runs)" 1
	touch -d '1 minute' src/Kconfig
	config
	same "$(wc -l <runs)" 2
	same "$(find obj/.config -newermt 2021-01-01)" ""
	echo CONFIG_NEW=y >>more.config
	config
	same "$(find obj/.config -newermt 2021-01-01)" obj/.config
}
