package io.glucogrid.client.soak;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Readings through a grid that something happens to every minute, and then a judge.
 *
 * <p>While the driver sends, faults strike in turn; each is healed before the next. They stop some minutes before the end, so that
 * processes live long enough for their memory to be judged: what grows with age shows within one process only. The longest time
 * without an answered read of any partition is watched until everything is committed, and so is the nodes' memory. At the end every node must be ready,
 * and every reading must have been acknowledged, committed by both groups, and be readable, and the tier's files must be sound.
 */
final class Soak {
    private static final long FIRST_SUBJECT = 700_000_000;
    private static final int SUBJECTS = 1_000;
    private static final int STEP_SECONDS = 300;
    private static final Duration SETTLE = Duration.ofMinutes(10);
    private static final Duration FIRST = Duration.ofMinutes(2);
    private static final Duration TRAINED = Duration.ofMinutes(2);
    private static final Duration TRAIN_EVERY = Duration.ofSeconds(30);
    private static final Duration MEASURE_EVERY = Duration.ofSeconds(15);
    private static final long LOOK_MILLIS = 500;

    /** From the end of healing to the next fault. */
    private static final Duration LEAST_BETWEEN = Duration.ofSeconds(10);

    private static final List<Fault> FAULTS = List.of(
            Fault.KILL_NODE,
            Fault.KILL_BROKER,
            Fault.KILL_COORDINATOR,
            Fault.PAUSE_NODE,
            Fault.ROLLING_RESTART,
            Fault.KILL_MOST);

    private final SoakOptions options;
    private final Launcher launcher;
    private final InstantSource clock;
    private final Consumer<String> progress;

    Soak(SoakOptions options, Launcher launcher, InstantSource clock, Consumer<String> progress) {
        this.options = options;
        this.launcher = launcher;
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * Runs it.
     *
     * @throws GridException where the grid does not start or heal, or does not take in the readings in time
     */
    SoakReport run() throws InterruptedException {
        try (GridProcesses grid = new GridProcesses(launcher, options.work(), options.nodes(), Map.of())) {
            progress.accept("starting a broker and " + options.nodes() + " nodes in " + options.work());
            grid.start();
            return soaked(grid);
        }
    }

    private SoakReport soaked(GridProcesses grid) throws InterruptedException {
        long span = options.readings() / SUBJECTS * STEP_SECONDS;
        NumberedReadings readings =
                new NumberedReadings(FIRST_SUBJECT, SUBJECTS, clock.instant().getEpochSecond() - span, STEP_SECONDS);
        long startNanos = System.nanoTime();
        try (Topics topics = grid.topics();
                Driver driver = Driver.start(
                        grid.kafka(), GridProcesses.TOPIC, readings, options.perSecond(), options.readings())) {
            driver.awaitFirst(Math.min(SUBJECTS, options.readings()), FIRST);
            driver.hold();
            Judge.awaitCommitted(topics, GridProcesses.TOPIC, FIRST);
            driver.goOn();
            MemoryWatch memory = MemoryWatch.in(options.work());
            try (Availability watch = Availability.watch(readings, grid::addresses)) {
                List<Struck> stretches = new ArrayList<>();
                Struck last = strike(grid, driver, watch, memory, startNanos, stretches);
                driver.end();
                driver.awaitAcknowledged(SETTLE);
                progress.accept(driver.sent() + " readings sent; waiting for both groups");
                Judge.awaitCommitted(topics, GridProcesses.TOPIC, SETTLE);
                long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
                grid.awaitReady(SETTLE);
                memory.measure(grid.up());
                stretches.add(last.within(watch.takeMillis()));
                progress.accept("committed after " + seconds + " s; reading everything");
                Verdict verdict = new Judge(readings, driver.numbers(), grid.allAddresses()).verdict(watch);
                if (!watch.example().isEmpty()) {
                    progress.accept("denied: " + watch.example());
                }
                return new SoakReport(options, verdict, stretches, seconds, memory, grid.verifyTier());
            }
        }
    }

    /**
     * Strikes until it is time for calm, and watches until all is sent. What is out of reach after a fault, until the next, is its
     * doing; where it took the copies of rows, only until it is healed. Returns the last stretch, which has not ended yet.
     */
    private Struck strike(
            GridProcesses grid,
            Driver driver,
            Availability watch,
            MemoryWatch memory,
            long startNanos,
            List<Struck> stretches)
            throws InterruptedException {
        long end = startNanos + options.limit().toNanos();
        long nextMeasure = System.nanoTime();
        long nextFault = nextMeasure + options.faultEvery().toNanos();
        long nextTraining = nextMeasure + TRAIN_EVERY.toNanos();
        boolean trained = false;
        int turn = 0;
        Struck last = new Struck("before any fault", 0, 0, true);
        while (driver.sent() < options.readings() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            if (System.nanoTime() >= nextMeasure) {
                memory.measure(grid.up());
                nextMeasure = System.nanoTime() + MEASURE_EVERY.toNanos();
            }
            if (!trained && System.nanoTime() >= nextTraining) {
                trained = train(grid);
                nextTraining = System.nanoTime() + TRAIN_EVERY.toNanos();
            }
            if (!options.faultEvery().isZero() && System.nanoTime() >= nextFault && !isCalm(driver, end)) {
                stretches.add(last.within(watch.takeMillis()));
                long struckNanos = System.nanoTime();
                last = struck(grid, FAULTS.get(turn % FAULTS.size()), turn);
                turn++;
                progress.accept(last.fault() + " healed in " + last.healedMillis() + " ms; acknowledged "
                        + driver.acknowledged());
                if (!last.isBounded()) {
                    stretches.add(last.within(watch.takeMillis()));
                    last = new Struck("after " + last.fault(), 0, 0, true);
                }
                nextFault = Math.max(
                        struckNanos + options.faultEvery().toNanos(), System.nanoTime() + LEAST_BETWEEN.toNanos());
            }
        }
        return last;
    }

    /** At its pace the driver needs so long at least for what is left. */
    private boolean isCalm(Driver driver, long end) {
        double secondsLeft = (options.readings() - driver.sent()) / options.perSecond();
        return secondsLeft <= options.calm().toSeconds()
                || end - System.nanoTime() <= options.calm().toNanos();
    }

    private static Struck struck(GridProcesses grid, Fault fault, int turn) throws InterruptedException {
        long began = System.nanoTime();
        fault.strikeAndHeal(grid, turn);
        return new Struck(
                fault.label(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began), 0, !fault.losesCopies());
    }

    /** Forecasts show the states of the subjects to the judge; without a model there are none. Returns whether there is one. */
    private boolean train(GridProcesses grid) {
        try {
            ApiClient.of(grid.address(0), TRAINED)
                    .post("/models/train", Json.object().put("kind", "v4"));
            return true;
        } catch (GridException tooEarly) {
            progress.accept("no forecasts to compare yet: " + tooEarly.reason());
            return false;
        }
    }
}
