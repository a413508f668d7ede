# SPDX-License-Identifier: GPL-2.0
# Tests of what `make bench-objects` makes of two kernels' lines: bench/objects.awk.

# both: two kernels that agree on two programs that load and one that does not
both() {
	printf 'csv,a.o,%s\n' one,success,80,10,2,1,500 two,success,90,20,4,1,700 bad,failure,0,1,1,1,30 > base
	sed 's/,500$/,400/' base > series
}

objects() {
	awk -F, -v csv=csv -f "$ROOT/bench/objects.awk" base series
}

t_objects_same() {
	both
	objects > out
	same "$(head -n 2 out)" '3 programs, 2 load on both, 0 of these differ in work
verified on base: 30 instructions, 6 states, 2 at a time; on the series: 30, 6, 2'
	same "$(cat csv)" 'a.o,one,80,500,400
a.o,two,90,700,700'
	: > base
	: > series
	fails objects
}

t_objects_work() {
	for more in 11,2,1 10,3,1 10,2,2; do
		both
		sed -i "s/10,2,1/$more/" series
		fails_with '^bench: a.o,one: more work: 10 instructions, 2 states, 1 at a time on base, ' objects
	done
	both
	sed -i 's/10,2,1/9,2,1/' series
	objects > out
	grep -q ' 1 of these differ in work$' out
}

# an object may take a little more than on base, the 20 together may not
t_objects_time() {
	both
	sed -i 's/^csv,a.o,two/csv,b.o,two/; s/,500$/,600000/; s/,700$/,700000/' base
	sed -i 's/^csv,a.o,two/csv,b.o,two/; s/,400$/,500000/; s/,700$/,703000/' series
	objects > out
	sed -i 's/,703000$/,704000/' series
	fails_with '^bench: b.o: more than 1.005 of base$' objects
	# less than a million of instructions
	sed -i 's/,700000$/,30000/' base
	sed -i 's/,704000$/,31000/' series
	objects > out
	sed -i 's/,500000$/,600000/' series
	fails_with '^bench: these: more than on base$' objects
}

# of a program that is loaded several times, the least counts, and it has to end in the same way
t_objects_again() {
	both
	sed -i 's/^csv,a.o,one.*/&\n&/; s/500$/450/' base
	sed -i 's/^csv,a.o,one.*/&\n&\n&/; s/400$/420/; s/400/399/2' series
	objects > out
	same "$(cat csv)" 'a.o,one,80,450,399
a.o,two,90,700,700'
	sed -i '3s/success/failure/' series
	fails_with '^bench: a.o,one: success, then failure on series$' objects
}

# another verdict, and what only one kernel has
t_objects_one_only() {
	both
	sed -i 's/two,success/two,failure/' series
	fails_with '^bench: a.o,two: success on base, failure on series$' objects
	for k in base series; do
		for name in one bad; do
			both
			sed -i "/,$name,/d" $k
			fails_with "^bench: a.o,$name: " objects
		done
	done
}
