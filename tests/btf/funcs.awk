# SPDX-License-Identifier: GPL-2.0
# Prints the functions of a raw bpftool dump (of the last of two: a split one), each as
#   ret name(type param, ...) "tag" "tag@2" ...
# so that, sorted, the output depends on neither the compiler's nor pahole's
# numbering. Complains where foo_impl does not follow all functions that the
# build has not made, or not the impls of the functions before foo.
function str(s) { sub(/^[^']*'/, "", s); sub(/'.*/, "", s); return s }
function field(s, f) { return match(s, f "=-?[0-9]+") ? substr(s, RSTART + length(f) + 1, RLENGTH - length(f) - 1) + 0 : 0 }
function type(id) {
	if (!id) return "void"
	if (kind[id] == "PTR") return type(ref[id]) " *"
	if (kind[id] == "CONST") return type(ref[id]) " const"
	if (kind[id] == "TYPE_TAG") return type(ref[id]) (name[id] ~ /^address_space/ ? " " name[id] : "")
	if (kind[id] == "STRUCT" || kind[id] == "FWD") return "struct " name[id]
	return name[id]
}
/^\[/ {
	id = $1; gsub(/[^0-9]/, "", id); id += 0
	if (FNR == 1) first = id
	last = id
	kind[id] = $2; name[id] = str($0); ref[id] = field($0, "type_id")
	if ($2 == "FUNC_PROTO") ref[id] = field($0, "ret_type_id")
	if ($2 == "DECL_TAG") {
		idx = field($0, "component_idx")
		tags[ref[id]] = tags[ref[id]] " \"" name[id] (idx < 0 ? "" : "@" idx) "\""
	}
	next
}
kind[id] == "FUNC_PROTO" { n[id]++; pname[id, n[id]] = str($0); ptype[id, n[id]] = field($0, "type_id") }
END {
	for (id = first; id <= last; id++) {
		if (kind[id] != "FUNC") continue
		base = name[id]
		if (base in func && tags[id])
			print "order: " base " twice"
		func[base] = id
		if (sub(/_impl$/, "", base)) {
			if (func[base] <= last_kfunc)
				print "order: " name[id] " out of order"
			last_kfunc = func[base]
		} else if (last_kfunc) {
			print "order: " name[id] " after an impl"
		}
		p = ref[id]
		out = type(ref[p]) " " name[id] "("
		for (i = 1; i <= n[p]; i++)
			out = out (i > 1 ? ", " : "") type(ptype[p, i]) " " pname[p, i]
		print out ")" tags[id]
	}
}
