// SPDX-License-Identifier: GPL-2.0
/*
 * The order and the look-up of a table of magic kfuncs, by the functions that the kernel and the build stage
 * share (include/linux/btf_magic.h), in tables of 0 to 8 pairs with the ids in every order, and in large ones.
 * Prints a line `name<TAB>count` for each check that holds, or what did not hold, and fails.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned int u32;
#include <linux/btf_magic.h>

#define SMALL 8
#define LARGE 16384

static unsigned long nr_orders, nr_lookups;

static void fail(const char *what, const struct btf_magic_kfunc *tab, u32 cnt, u32 arg)
{
	u32 i;

	printf("%s: %u:", what, arg);
	for (i = 0; i < cnt && i < SMALL; i++)
		printf(" (%u %u)", tab[i].id, tab[i].impl_id);
	printf("\n");
	exit(1);
}

/* The first row that is out of order, by the definition. */
static u32 first_bad(const struct btf_magic_kfunc *tab, u32 cnt)
{
	u32 i, k;

	for (i = 0; i < cnt; i++) {
		if (!tab[i].id || !tab[i].impl_id || tab[i].id >= tab[0].impl_id)
			return i;
		for (k = 0; k < i; k++)
			if (tab[k].id >= tab[i].id || tab[k].impl_id >= tab[i].impl_id)
				return i;
	}
	return cnt;
}

static void check_order(const struct btf_magic_kfunc *tab, u32 cnt)
{
	struct btf_magic_kfunc *copy = malloc(cnt * sizeof(*tab)); /* so that ASan sees its end */
	u32 bad = first_bad(tab, cnt);

	memcpy(copy, tab, cnt * sizeof(*tab));
	if (btf_magic_kfuncs_first_bad(copy, cnt) != bad)
		fail("order", tab, cnt, bad);
	free(copy);
	nr_orders++;
}

/* Every key from 0 to one above the last id: found exactly where it is. */
static void check_find(const struct btf_magic_kfunc *tab, u32 cnt)
{
	struct btf_magic_kfunc *copy = malloc(cnt * sizeof(*tab));
	u32 key, last = cnt ? tab[cnt - 1].impl_id + 1 : 3;
	u32 id = 0, impl = 0; /* the next rows in either column */

	memcpy(copy, tab, cnt * sizeof(*tab));
	for (key = 0; key <= last; key++) {
		const struct btf_magic_kfunc *want = NULL;

		if (id < cnt && copy[id].id == key)
			want = &copy[id++];
		else if (impl < cnt && copy[impl].impl_id == key)
			want = &copy[impl++];
		if (btf_magic_kfuncs_find(copy, cnt, key) != want)
			fail("find", tab, cnt, key);
		nr_lookups++;
	}
	if (btf_magic_kfuncs_find(copy, cnt, ~0U))
		fail("find", tab, cnt, ~0U);
	free(copy);
}

/* Each order of the values from row i on, in the column of the kfuncs or of both. */
static void permute(struct btf_magic_kfunc *tab, u32 cnt, u32 i, bool both)
{
	u32 k;

	if (i >= cnt) {
		check_order(tab, cnt);
		if (first_bad(tab, cnt) == cnt)
			check_find(tab, cnt);
		return;
	}
	for (k = i; k < cnt; k++) {
		struct btf_magic_kfunc a = tab[i], b = tab[k];

		tab[i].id = b.id;
		tab[k].id = a.id;
		if (both) {
			tab[i].impl_id = b.impl_id;
			tab[k].impl_id = a.impl_id;
		}
		permute(tab, cnt, i + 1, both);
		tab[i] = a;
		tab[k] = b;
	}
}

/* cnt pairs, with ids between them, below and above that are in no pair */
static void fill(struct btf_magic_kfunc *tab, u32 cnt)
{
	u32 i;

	for (i = 0; i < cnt; i++)
		tab[i] = (struct btf_magic_kfunc){ 2 + 2 * i, 2 + 2 * cnt + 3 + 2 * i };
}

int main(void)
{
	static struct btf_magic_kfunc tab[LARGE];
	u32 cnt, i, k;

	for (cnt = 0; cnt <= SMALL; cnt++) {
		fill(tab, cnt);
		permute(tab, cnt, 0, true);
		permute(tab, cnt, 0, false);
		/* one id replaced by each that may occur, zero and ids that are in the table already included */
		for (i = 0; i < 2 * cnt; i++) {
			for (k = 0; k <= tab[cnt - 1].impl_id + 1; k++) {
				u32 *id = i % 2 ? &tab[i / 2].impl_id : &tab[i / 2].id, old = *id;

				*id = k;
				check_order(tab, cnt);
				if (first_bad(tab, cnt) == cnt)
					check_find(tab, cnt);
				*id = old;
			}
		}
	}
	printf("orders of up to 8 pairs\t%lu\n", nr_orders);
	for (cnt = 16; cnt <= LARGE; cnt *= 4) {
		fill(tab, cnt);
		if (btf_magic_kfuncs_first_bad(tab, cnt) != cnt)
			fail("order", tab, cnt, cnt);
		check_find(tab, cnt);
	}
	printf("look-ups in up to 16384 pairs\t%lu\n", nr_lookups);
	return 0;
}
