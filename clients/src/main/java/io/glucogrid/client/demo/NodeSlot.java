package io.glucogrid.client.demo;

import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.NodeFile;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One of the demo's nodes: a process that is started again whenever it dies.
 *
 * <p>A slot is starting (the process runs, the node is not up yet), up (the node has written where it listens) or failed (it
 * died while starting for the first time, or died too often); {@link #tick} moves it on.
 */
final class NodeSlot {
    private static final int MOST_RESTARTS = 5;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(90);

    private final String name;
    private final Path workDir;
    private final Supplier<Child> starter;
    private final DemoOutput output;
    private int restarts;
    private volatile State state;

    private NodeSlot(String name, Path workDir, Supplier<Child> starter, DemoOutput output, State first) {
        this.name = name;
        this.workDir = workDir;
        this.starter = starter;
        this.output = output;
        this.state = first;
    }

    /** Starts the process; {@link #tick} does the rest. */
    static NodeSlot start(String name, Path workDir, Supplier<Child> starter, DemoOutput output) {
        return new NodeSlot(name, workDir, starter, output, new Starting(starter.get(), System.nanoTime()));
    }

    /** What a slot is doing. */
    sealed interface State permits Starting, Up, Failed {}

    record Starting(Child child, long sinceNanos) implements State {}

    record Up(Child child, NodeFile node) implements State {}

    record Failed(GridException reason) implements State {}

    String name() {
        return name;
    }

    State state() {
        return state;
    }

    /** The node, while it is up. */
    @Nullable
    NodeFile node() {
        return state instanceof Up up ? up.node() : null;
    }

    int restarts() {
        return restarts;
    }

    /** Looks at the process and moves the slot on. */
    synchronized void tick() {
        if (state instanceof Starting starting) {
            starting(starting);
        } else if (state instanceof Up up && !up.child().isAlive()) {
            output.say(up.node().name() + " (pid " + up.child().pid() + ") died with exit code "
                    + up.child().exitCode() + ": starting it again");
            restart(up.child());
        }
    }

    /** Ends the process, in order where it takes that within {@code time}; the slot moves on no more. */
    synchronized void stop(Duration time) {
        if (state instanceof Starting starting) {
            starting.child().stop(time);
        } else if (state instanceof Up up) {
            up.child().stop(time);
        }
        state = new Failed(new GridException(ErrorCode.NOT_READY, name + " was stopped"));
    }

    /** Ends the process at once. */
    void kill() {
        if (state instanceof Starting starting) {
            starting.child().kill();
        } else if (state instanceof Up up) {
            up.child().kill();
        }
    }

    private void starting(Starting starting) {
        Child child = starting.child();
        if (!child.isAlive()) {
            if (restarts == 0) {
                fail(child, "did not start (exit code " + child.exitCode() + ")");
            } else {
                restart(child);
            }
            return;
        }
        NodeFile node = NodeFile.of(workDir, child);
        if (node != null) {
            state = new Up(child, node);
            output.say(node.name() + " is up (pid " + node.pid() + "): " + node.api());
        } else if (System.nanoTime() - starting.sinceNanos() > PATIENCE_NANOS) {
            child.stop(Duration.ofSeconds(5));
            fail(child, "was not up after " + TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS) + " s");
        }
    }

    private void restart(Child dead) {
        if (restarts++ >= MOST_RESTARTS) {
            fail(dead, "died " + restarts + " times");
            return;
        }
        state = new Starting(starter.get(), System.nanoTime());
    }

    private void fail(Child child, String what) {
        state = new Failed(new GridException(
                ErrorCode.NOT_READY, name + " " + what + "; the end of " + child.log() + ":\n" + child.tail(25)));
    }
}
