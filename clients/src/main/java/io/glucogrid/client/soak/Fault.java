package io.glucogrid.client.soak;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Something that goes wrong, and is mended before {@link #strike} returns. The n-th strike hits another node. */
public enum Fault {
    /** {@code kill -9} of a node, which is primary of a third of the rows and reads a third of the topic. */
    KILL_NODE {
        @Override
        void strike(GridProcesses grid, int turn) {
            grid.crash(turn % grid.size());
        }
    },
    /** {@code kill -9} of the oldest node. */
    KILL_COORDINATOR {
        @Override
        void strike(GridProcesses grid, int turn) {
            grid.crash(grid.coordinator());
        }
    },
    /** SIGSTOP for 20 seconds, four times what it takes to be given up: the node comes back as another process. */
    PAUSE_NODE {
        @Override
        void strike(GridProcesses grid, int turn) throws InterruptedException {
            int index = turn % grid.size();
            long paused = grid.pid(index);
            grid.signal(index, "STOP");
            try {
                TimeUnit.SECONDS.sleep(20);
            } finally {
                grid.signal(index, "CONT");
            }
            grid.awaitOther(index, paused, HEALED);
        }
    },
    /** {@code kill -9} of the broker, which comes back after five seconds. */
    KILL_BROKER {
        @Override
        void strike(GridProcesses grid, int turn) throws InterruptedException {
            grid.killBroker();
            TimeUnit.SECONDS.sleep(5);
            grid.startBroker();
        }
    },
    /** Every node stops in order and starts again, one after the other. */
    ROLLING_RESTART {
        @Override
        void strike(GridProcesses grid, int turn) throws InterruptedException {
            for (int i = 0; i < grid.size(); i++) {
                grid.stopNode(i);
                grid.startNode(i);
                grid.awaitReady(HEALED);
            }
        }
    },
    /** {@code kill -9} of all nodes but one at once: a majority is gone, and partitions with it. */
    KILL_MOST {
        @Override
        void strike(GridProcesses grid, int turn) {
            for (int i = 1; i < grid.size(); i++) {
                grid.crash((turn + i) % grid.size());
            }
        }
    },
    /** {@code kill -9} of all nodes at once. */
    KILL_ALL {
        @Override
        void strike(GridProcesses grid, int turn) {
            for (int i = 0; i < grid.size(); i++) {
                grid.crash(i);
            }
        }
    };

    static final Duration HEALED = Duration.ofMinutes(2);

    /** Does it. */
    abstract void strike(GridProcesses grid, int turn) throws InterruptedException;

    /** Does it, and returns when every node says that it is ready again, and has all of its rows. */
    public void strikeAndHeal(GridProcesses grid, int turn) throws InterruptedException {
        strike(grid, turn);
        grid.awaitSettled(HEALED);
    }

    /** Whether both copies of some rows are gone, so that reads of them wait until they are rebuilt. */
    public boolean losesCopies() {
        return this == KILL_MOST || this == KILL_ALL;
    }

    /** As in {@code kill-node}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
