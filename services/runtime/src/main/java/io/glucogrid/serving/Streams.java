package io.glucogrid.serving;

import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.store.StreamControl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.ignite.Ignite;

/** The streams of this node, where there are any. */
final class Streams {
    /** Both streams, as operators call them. */
    static final List<String> ALL = List.of("online", "offline");

    private final Map<String, LocalService<StreamControl>> controls = new LinkedHashMap<>();

    Streams(Ignite ignite) {
        for (String name : List.of(StreamControl.ONLINE, StreamControl.OFFLINE)) {
            controls.put(name, new LocalService<>(ignite, name, StreamControl.class));
        }
    }

    /** Pauses those streams that run here; returns when they have. */
    void pause(List<String> names, StreamControl.Hold hold) {
        // At once: each waits for its batch in hand, and a caller's deadline is for both.
        List<CompletableFuture<Void>> paused = running(names).stream()
                .map(stream -> CompletableFuture.runAsync(() -> stream.pause(hold), Streams::inBackground))
                .toList();
        try {
            CompletableFuture.allOf(paused.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof GridException known ? known : failed;
        }
    }

    private static void inBackground(Runnable work) {
        Thread thread = new Thread(work, "stream-pause");
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes one hold back; a stream that another holds stays paused. */
    void resume(List<String> names, StreamControl.Hold hold) {
        running(names).forEach(stream -> stream.resume(hold));
    }

    private List<StreamControl> running(List<String> names) {
        List<StreamControl> running = new ArrayList<>();
        controls.forEach((service, stream) -> {
            if (names.contains(name(service)) && stream.isReady()) {
                running.add(stream.get());
            }
        });
        return running;
    }

    private static String name(String service) {
        return service.equals(StreamControl.ONLINE) ? "online" : "offline";
    }

    /** State of each stream that runs here, by {@code online} and {@code offline}. */
    Map<String, Map<String, Object>> status() {
        Map<String, Map<String, Object>> status = new LinkedHashMap<>();
        controls.forEach((name, stream) -> {
            if (stream.isReady()) {
                status.put(name(name), stream.get().status());
            }
        });
        return status;
    }
}
