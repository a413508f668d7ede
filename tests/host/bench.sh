# SPDX-License-Identifier: GPL-2.0
# Tests of bench/bench.py: which loads miss their goal.

# missed SED-SCRIPT: what bench.py says of nine kinds, with none, one and 1,000, that take half of what they take on base, after SED-SCRIPT
# has changed what the series takes
missed() {
	for kernel in base series; do
		for kind in a b c d e f g h i; do
			printf "load,$kernel,$kind,%d,%d\n" 0 200000 1 210000 1000 100000000
		done
	done > loads
	sed "/^load,series/ { s/200000$/100000/; s/210000$/105000/; s/,100000000$/,50000000/; $1 }" loads > changed
	PYTHONPATH=$ROOT/bench PYTHONDONTWRITEBYTECODE=1 python3 - <<-'END'
		import bench
		found = {}
		for line in open("changed"):
		    _, kernel, what, number, n = line.strip().split(",")
		    found.setdefault((kernel, what), {})[int(number)] = int(n)
		for what in bench.kinds(found):
		    print(what)
	END
}

t_bench_kinds() {
	missed '' > out
	grep -qx 'i  *1,000  *100,000,000  *50,000,000 (0.500)' out
	not grep -q load out
}

t_bench_kinds_missed() {
	missed 's/,c,1,.*/,c,1,211051/' | grep -qx 'load: 1 c: more than 1.005 of base'
	missed 's/,c,1,.*/,c,1,211049/' > out
	not grep -q load out
	missed 's/,c,0,.*/,c,0,201001/' | grep -qx 'load: 0 c: more than 1.005 of base'
	missed 's/\(.*,c\),1000,.*/&\n\1,10000,550000001/' | grep -qx 'load: c: not linear from 1,000 on'
	missed '/,c,1,/d' | grep -qx 'load: c: not all there'
	missed '/,c,/d' | grep -qx 'load: c: not all there'
}
