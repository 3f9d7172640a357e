package io.glucogrid.client.demo;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.LiveStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps the board connected to {@code /live} of some node that lives; the feed carries the whole grid's events. */
final class LiveFollower implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(500);
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Supplier<@Nullable ApiClient> living;
    private final LiveBoard board;
    private final Thread thread;
    private volatile boolean closed;

    private LiveFollower(Supplier<@Nullable ApiClient> living, LiveBoard board) {
        this.living = living;
        this.board = board;
        this.thread = new Thread(this::follow, "live-follower");
    }

    static LiveFollower start(Supplier<@Nullable ApiClient> living, LiveBoard board) {
        LiveFollower follower = new LiveFollower(living, board);
        follower.thread.setDaemon(true);
        follower.thread.start();
        return follower;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(2_000);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow() {
        try {
            while (!closed) {
                ApiClient node = living.get();
                if (node == null) {
                    TimeUnit.MILLISECONDS.sleep(TICK.toMillis());
                } else {
                    follow(node);
                }
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow(ApiClient node) throws InterruptedException {
        board.beat();
        try (LiveStream stream = node.live(board)) {
            while (!closed && !stream.awaitEnd(TICK)) {
                ApiClient now = living.get();
                boolean gone = now == null || !now.base().equals(node.base());
                if (gone || board.silentNanos() > SILENCE_NANOS) {
                    return;
                }
            }
        }
        TimeUnit.MILLISECONDS.sleep(TICK.toMillis());
    }
}
