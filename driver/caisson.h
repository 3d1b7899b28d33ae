/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver's files share. One mutex, caisson_lock, is held during every ioctl but READ and
 * WRITE; caisson_console_lock nests inside it and alone guards the list of cells against the
 * doorbell, so that a slow ioctl never stalls a console.
 */
#ifndef CAISSON_DRIVER_H
#define CAISSON_DRIVER_H

#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "uapi.h"
#include "caisson/config.h"
#include "caisson/image.h"
#include "config_check.h"
#include "fail.h"

/* A physically contiguous piece of memory taken from Linux. */
struct piece {
	struct list_head node;
	unsigned long pfn;
	unsigned long pages;
	bool block; /* the first pages of a block of the page allocator, not single ones */
	u64 ipa;    /* where its cell sees it */
	u32 offset; /* of its memory entry in the cell's blob */
};

/* What the driver knows of a possible CPU: index is Linux's number. */
struct cpu_map {
	u64 mpidr;   /* affinity fields */
	u64 gicr_pa; /* RD_base of its redistributor */
};

/* The hypervisor while it is enabled, and what the last enable and disable took. */
struct hypervisor {
	bool enabled;
	struct piece memory;
	u64 image_size;  /* of caisson.bin's memory, bytes */
	u64 entry_pa;	 /* target of the soft restart */
	struct caisson_boot *boot; /* inside the hypervisor memory, linear map */
	void *config;	 /* the .sys blob as user space gave it, kmalloc'd */
	u32 config_size;
	u32 irq_mode;	 /* enum caisson_irq_mode */
	u32 doorbell_intid; /* 0: the pages are polled */
	struct caisson_log *log; /* in EL2's memory; under caisson_console_lock, as is: */
	u64 log_begin, log_end; /* bytes ever logged: before this log, and log->head extended */
	u64 enable_ns;
	u64 disable_ns;
};

/* x0..x2 of a hypercall's answer. */
struct hvc_result {
	long code;
	u64 value;
	u64 value2;
};

/* What was loaded, kept so that a restart can load it again. */
struct load {
	struct list_head node;
	u64 ipa;
	u64 length;
	void *data; /* vmalloc'd */
};

#define ROOT_NAME "root"     /* by which hvctl calls cell 0 */
#define HISTORY_SIZE 65536u /* bytes of a console's history, a power of two */

struct cell {
	struct list_head node; /* in caisson_cells, oldest first */
	struct kobject kobj;   /* counts the references */
	char name[CAISSON_NAME_LEN];
	u32 id;
	void *blob;	/* kmalloc'd, checked */
	u32 blob_size;
	cpumask_var_t cpus;	 /* its CPUs */
	cpumask_var_t to_online; /* those of them that Linux gets back online */
	struct list_head pieces;
	struct list_head devices; /* of struct held, devices.c */
	struct list_head handed;  /* of struct handed, handover.c */
	struct list_head loads;
	struct list_head image; /* of struct piece: where EL2 keeps a copy of them, if it is to */
	u64 memory_bytes;
	u64 load_bytes;
	u64 entry;
	u64 args[4];
	bool has_entry;
	bool asked; /* to shut down, since its last start */
	u32 starts;
	u32 restarts; /* by its configuration, since it was last started by hand; as far as told */
	u64 restart_after; /* ktime_get_ns(): not before it */
	bool stale;	   /* scrubbed for a restart that has not loaded it again */
	bool settled;	   /* it has ended, and what its configuration says about that was done */
	u32 state_seen; /* by the doorbell */
	struct caisson_cell_page *page; /* shared with EL2; NULL: EL2 has no such cell (any more) */
	char *history; /* vmalloc'd ring of HISTORY_SIZE bytes, NULL: no console */
	u64 history_end; /* bytes received so far; the last HISTORY_SIZE are kept */
	u64 create_hv_ns, create_ns, scrub_ns, start_hv_ns, destroy_hv_ns;
};

/* EL2's word for it, and not to be used as an index unchecked. One of the locks is held. */
static inline u32 cell_state(const struct cell *cell)
{
	return cell->page ? READ_ONCE(cell->page->state) : CAISSON_CELL_DYING;
}

/* By itself: its configuration says what follows. */
static inline bool cell_has_ended(u32 state)
{
	return state == CAISSON_CELL_OFF || state == CAISSON_CELL_RESET ||
	       state == CAISSON_CELL_FAILED;
}

extern struct mutex caisson_lock;
extern struct mutex caisson_console_lock;
extern struct hypervisor hv;
extern struct list_head caisson_cells; /* changed under both locks */
extern bool caisson_hotplugged;
extern u64 caisson_destroy_hv_ns, caisson_destroy_ns; /* of the last destroy */

/* main.c */
struct device *caisson_device(void);
int caisson_refuse(struct caisson_ioc_error *err, u32 code, u32 offset, u64 value);
int caisson_copy_blob(u64 user, u32 size, u32 kind, void **blob, struct caisson_ioc_error *err);

/* digest.c */
#define IMAGE_DIGEST_SIZE 32
extern const u8 image_digest[IMAGE_DIGEST_SIZE];

/* image.c */
void image_init(void);
void image_exit(void);
int hv_enable(struct caisson_ioc_enable *arg);
int hv_disable(struct caisson_ioc_error *err);

/* memory.c */
int memory_claim_cell(struct cell *cell, struct caisson_ioc_error *err);
void memory_release_cell(struct cell *cell);
int memory_claim_image(struct cell *cell, u64 ipa, u64 size, struct caisson_ioc_error *err);
void memory_release_image(struct cell *cell);
int memory_claim_hypervisor(u64 size, bool more, struct piece *piece);
void memory_release(struct piece *piece);
bool memory_first_ram(u64 pa, u64 size, u64 *at);
bool memory_unlisted_ram(const void *config, u64 *at);

/* devices.c */
int devices_claim(struct cell *cell, struct caisson_ioc_error *err);
void devices_release(struct cell *cell);

/* handover.c */
int handover_init(void);
void handover_exit(void);
int devices_unbind(struct cell *cell, struct caisson_ioc_error *err);
void devices_bind(struct cell *cell, bool bind);
int device_clock(void *arg); /* struct caisson_ioc_clock */

/* enter.c */
int hv_probe(bool assume_el2, struct caisson_ioc_error *err);
int hv_enter(struct caisson_ioc_error *err);
int hv_leave(struct caisson_ioc_error *err);
struct hvc_result hvc(u64 function, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6);
int hvc_refused(const struct hvc_result *res, struct caisson_ioc_error *err);

/* switch.S; addresses in bytes, both return x0 */
long caisson_enter_el2(u64 entry_pa, u64 boot_pa, u64 index, struct caisson_cpu_boot *boot,
		       u64 pstate, u64 *value);
long caisson_leave_el2(u64 function, u64 pstate, u64 value[2]);
long caisson_probe_hvc(u64 function);
void caisson_clean_inval_poc(void *start, void *end);
void caisson_zero(void *start, void *end);

/* cpus.c */
int cpus_init(void);
void cpus_exit(void);
int cpus_usable(struct caisson_ioc_error *err);
bool cpus_tree_has_el2(void);
u32 cpus_choose_mode(u32 wanted, u32 *mode);
u32 cpus_kick_intid(void);
void cpus_pend_lpis(const u32 *lpis);
struct device_node *cpus_gic_node(void);
const struct cpu_map *cpus_map(void);
int cpus_check_gic(const struct caisson_system_entry *sys, u32 offset,
		   struct caisson_ioc_error *err);
int cpus_take(struct cell *cell, struct caisson_ioc_error *err);
void cpus_give_back(struct cell *cell);
int cpus_check(struct cell *cell, struct caisson_ioc_error *err);

/* cell.c */
int cell_create(void *arg); /* struct caisson_ioc_create, and so on */
int cell_stop(void *arg);
int cell_ask(void *arg);
int cell_destroy(void *arg);
int cell_stop_now(struct cell *cell, u64 *ns, struct caisson_ioc_error *err);
int cell_scrub(struct cell *cell, struct caisson_ioc_error *err);
int cell_ask_now(struct cell *cell, struct caisson_ioc_error *err);
int cell_end(struct cell *cell, bool use, struct caisson_ioc_error *err);
int cell_until_done(struct cell *cell, u64 function, unsigned int nap_us, u64 limit, u64 *ns,
		    struct caisson_ioc_error *err);
int cell_refused(const struct cell *cell, const struct hvc_result *res,
		 struct caisson_ioc_error *err);
struct cell *cell_find(const char *name);
struct cell *cell_named(const char *name, struct caisson_ioc_error *err, int *ret);
int cell_refuse_name(const char *name, struct caisson_ioc_error *err);
void cell_free(struct cell *cell);

/* start.c */
int cell_load(void *arg); /* struct caisson_ioc_load, and so on */
int cell_entry(void *arg);
int cell_start(void *arg);
int cell_restart(void *arg);
int cell_restart_now(struct cell *cell, u32 restarts, struct caisson_ioc_error *err);
void cell_drop_load(struct cell *cell, struct load *load);

/* policy.c */
void cell_note_restarts(struct cell *cell);
void cells_ended(void);
void policy_exit(void);

/* keep.c */
int keep_image(struct cell *cell, struct caisson_ioc_error *err);

/* dump.c */
int cell_dump(void *arg); /* struct caisson_ioc_dump */

/* down.c */
extern bool caisson_going_down;
void caisson_down(bool gone);

/* info.c */
int cell_info(void *arg);
int cell_config(void *arg);
int cell_stats(void *arg);
int cell_stage2(void *arg);
int cell_piece(void *arg);
u64 cell_taken_bytes(u32 *ncells);

/* probe.c */
int machine_probe(void *arg); /* struct caisson_ioc_probe */

/* console.c */
int consoles_start(struct caisson_ioc_error *err);
void consoles_stop(void);
void console_drain(struct cell *cell);
struct device_node *console_node(void);
u64 console_uart(void);
int console_read(void *arg); /* struct caisson_ioc_read */
int console_write(void *arg);
void console_use_log(struct caisson_log *log);
void console_wake(void);

/* sysfs.c */
extern const struct attribute_group *caisson_groups[];
int sysfs_start(struct device *dev);
void sysfs_stop(void);
void sysfs_init_cell(struct cell *cell);
int sysfs_add_cell(struct cell *cell);

#endif
