package io.glucogrid.node;

import java.util.concurrent.TimeUnit;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.ShutdownPolicy;

/**
 * Takes a node out of the grid.
 *
 * <p>With peers there, Ignite's graceful policy makes it wait until each of its partitions has a copy elsewhere, and makes
 * several nodes that stop together leave one after the other. The last node would wait for ever, since nobody is left to take
 * a copy: it leaves at once, also where its peers went while it waited.
 */
final class Departure {
    private static final long POLL_MILLIS = 50;

    private Departure() {}

    /** Returns when the node is out; waits for copies as long as there are peers that may take them. */
    static void of(Ignite ignite) {
        String name = ignite.name();
        Thread watch = new Thread(() -> leaveOnceAlone(ignite, name), "departure-" + name);
        watch.setDaemon(true);
        watch.start();
        if (!isAlone(ignite)) {
            Ignition.stop(name, false);
        }
        try {
            watch.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void leaveOnceAlone(Ignite ignite, String name) {
        try {
            while (isRunning(ignite)) {
                if (isAlone(ignite)) {
                    ignite.cluster().shutdownPolicy(ShutdownPolicy.IMMEDIATE);
                    Ignition.stop(name, false);
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        } catch (IllegalStateException stopped) {
            return; // it left between two questions
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isRunning(Ignite ignite) {
        return Ignition.allGrids().contains(ignite);
    }

    private static boolean isAlone(Ignite ignite) {
        try {
            return ignite.cluster().forServers().nodes().size() <= 1;
        } catch (IllegalStateException stopped) {
            return false;
        }
    }
}
