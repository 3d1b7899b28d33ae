// SPDX-License-Identifier: GPL-2.0-only
/*
 * All CPUs of the device tree, and interrupts between them. SGIs of one number coalesce and do
 * not say who sent them, so each message is also a flag in the receiver's mailbox, and its
 * sender waits until it was taken: what was sent and what was received must then be equal to the
 * digit.
 *
 * Phases: a token goes round the ring; each CPU writes to each other one; each CPU broadcasts
 * (IRM = 1). At last the secondaries go off and come back a few times, with AFFINITY_INFO
 * checked.
 */
#include "inmate.h"

#define SGI_RING 1u
#define SGI_MAIL 2u
#define ROUNDS 50u
#define CYCLES 3u
#define WAIT_US 5000000u

static struct {
	uint32_t sent, received, irqs;
	uint32_t mailbox[CPU_MAX]; /* by sender */
} peer[CPU_MAX];

static uint32_t ring_left; /* hops still to go */
static uint32_t phase;	   /* 0: wait; 1: mail to each; 2 + n: CPU n broadcasts; LEAVE */
static uint32_t phase_done;
static uint32_t stuck;	   /* messages nobody took */
#define PHASE_MAIL 1u
#define PHASE_BROADCAST 2u
#define PHASE_LEAVE 0xffu

static void mail_arrived(unsigned int intid, void *arg)
{
	unsigned int self = cpu_number(), i;

	(void)intid;
	(void)arg;
	peer[self].irqs++;
	for (i = 0; i < machine.ncpus; i++) {
		if (atomic_swap(&peer[self].mailbox[i], 0u))
			peer[self].received++;
	}
}

static void token_arrived(unsigned int intid, void *arg)
{
	unsigned int self = cpu_number();

	(void)arg;
	peer[self].irqs++;
	peer[self].received++;
	if (atomic_add(&ring_left, ~0u)) { /* one less */
		peer[self].sent++;
		sgi_send((self + 1) % machine.ncpus, intid);
	}
}

/* Waits until *flag == value; false after WAIT_US. */
static bool wait_for(const uint32_t *flag, uint32_t value)
{
	uint64_t end = timer_now() + timer_ticks_us(WAIT_US);

	while (atomic_get(flag) != value) {
		if (timer_now() > end)
			return false;
		cpu_yield();
	}
	return true;
}

/* Until the token has been everywhere; false if it stands still for WAIT_US: a busy host is slow. */
static bool token_returns(void)
{
	uint64_t end = 0;
	uint32_t left, seen = 0;

	while ((left = atomic_get(&ring_left)) != 0) {
		if (left != seen)
			end = timer_now() + timer_ticks_us(WAIT_US);
		else if (timer_now() > end)
			return false;
		seen = left;
		cpu_yield();
	}
	return true;
}

static void put(unsigned int to)
{
	unsigned int self = cpu_number();

	peer[self].sent++;
	atomic_set(&peer[to].mailbox[self], 1u);
}

static void wait_taken(unsigned int to)
{
	if (!wait_for(&peer[to].mailbox[cpu_number()], 0))
		atomic_add(&stuck, 1u);
}

static void mail_phase(void)
{
	unsigned int self = cpu_number(), i, to;

	for (i = 0; i < ROUNDS; i++) {
		for (to = 0; to < machine.ncpus; to++) {
			if (to == self)
				continue;
			put(to);
			sgi_send(to, SGI_MAIL);
			wait_taken(to);
		}
	}
}

static void broadcast_phase(void)
{
	unsigned int self = cpu_number(), i, to;

	for (i = 0; i < ROUNDS; i++) {
		for (to = 0; to < machine.ncpus; to++) {
			if (to != self)
				put(to);
		}
		sgi_broadcast(SGI_MAIL);
		for (to = 0; to < machine.ncpus; to++) {
			if (to != self)
				wait_taken(to);
		}
	}
}

static void prepare_irqs(void)
{
	irq_enable(SGI_RING, true);
	irq_enable(SGI_MAIL, true);
}

/* What each CPU does, CPU 0 too, in `now`. */
static void take_part(uint32_t now)
{
	if (now == PHASE_MAIL)
		mail_phase();
	else if (now == PHASE_BROADCAST + cpu_number())
		broadcast_phase();
	atomic_add(&phase_done, 1u);
}

static void worker(void *arg)
{
	uint32_t seen = 0, now;

	(void)arg;
	prepare_irqs();
	atomic_add(&phase_done, 1u);
	while ((now = atomic_get(&phase)) != PHASE_LEAVE) {
		if (now != seen && now)
			take_part(now);
		seen = now;
		cpu_yield();
	}
}

static bool run_phase(uint32_t number)
{
	atomic_set(&phase_done, 0u);
	atomic_set(&phase, number);
	take_part(number);
	return wait_for(&phase_done, machine.ncpus) && !atomic_get(&stuck);
}

static bool start_secondaries(void)
{
	unsigned int i;
	int error;

	atomic_set(&phase, 0u);
	atomic_set(&phase_done, 0u);
	for (i = 1; i < machine.ncpus; i++) {
		error = cpu_start(i, worker, NULL);
		if (error) {
			printf("smp: FAIL cpu %u did not start: %d\n", i, error);
			return false;
		}
	}
	return wait_for(&phase_done, machine.ncpus - 1);
}

static const char *exchange(void)
{
	unsigned int i;

	atomic_set(&ring_left, ROUNDS * machine.ncpus);
	peer[0].sent++;
	sgi_send(1 % machine.ncpus, SGI_RING);
	if (!token_returns())
		return "the token was lost";
	if (!run_phase(PHASE_MAIL))
		return "a targeted message was lost";
	for (i = 0; i < machine.ncpus; i++) {
		if (!run_phase(PHASE_BROADCAST + i))
			return "a broadcast was lost";
	}
	return NULL;
}

/* Stops the secondaries; AFFINITY_INFO must follow. */
static const char *stop_secondaries(void)
{
	unsigned int i;

	for (i = 1; i < machine.ncpus; i++) {
		if (psci_affinity_info(machine.mpidr[i]) != PSCI_AFFINITY_ON)
			return "AFFINITY_INFO of a running CPU is not ON";
		if (psci_cpu_on(machine.mpidr[i], machine.memory[0].base, 0) != PSCI_ALREADY_ON)
			return "CPU_ON of a running CPU is not ALREADY_ON";
	}
	atomic_set(&phase, PHASE_LEAVE);
	for (i = 1; i < machine.ncpus; i++) {
		if (!cpu_wait_off(i, WAIT_US))
			return "AFFINITY_INFO of a stopped CPU is not OFF";
	}
	return NULL;
}

static const char *cycle_secondaries(void)
{
	const char *why = stop_secondaries();
	unsigned int i;

	for (i = 0; !why && i < CYCLES; i++) {
		if (!start_secondaries())
			return "a secondary did not come back";
		why = run_phase(PHASE_MAIL) ? stop_secondaries() :
					      "a message after CPU_ON was lost";
	}
	if (!why && psci_cpu_on(0xff00ffffff, machine.memory[0].base, 0) !=
			    PSCI_INVALID_PARAMETERS)
		why = "CPU_ON of a CPU that does not exist is not INVALID_PARAMETERS";
	if (!why)
		printf("smp: cycles=%u\n", CYCLES);
	return why;
}

static void run(void)
{
	uint32_t sent = 0, received = 0;
	const char *why;
	unsigned int i;

	memset(peer, 0, sizeof(peer));
	atomic_set(&stuck, 0u);
	why = start_secondaries() ? exchange() : "the secondaries did not start";
	if (!why)
		why = cycle_secondaries();
	for (i = 0; i < machine.ncpus; i++) {
		printf("ipi cpu=%u sent=%u received=%u irqs=%u\n", i, peer[i].sent,
		       peer[i].received, peer[i].irqs);
		sent += peer[i].sent;
		received += peer[i].received;
	}
	if (!why && (sent != received || irq_unhandled))
		why = "sent and received differ";
	if (why)
		printf("smp: FAIL %s\n", why);
	else
		printf("smp: ok cpus=%u ipis=%u\n", machine.ncpus, received);
}

void inmate_main(void)
{
	struct line line;

	printf("\nsmp: cpu=%u of %u\n", cpu_number(), machine.ncpus);
	irq_install(SGI_RING, token_arrived, NULL);
	irq_install(SGI_MAIL, mail_arrived, NULL);
	prepare_irqs();
	run();
	for (;;) {
		line_read(&line, "smp> "); /* "run": once more */
		if (line_after(line.text, "run"))
			run();
		else if (line.length && !line_common(line.text))
			printf("unknown: %s\n", line.text);
	}
}
