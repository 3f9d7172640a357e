package io.glucogrid.serving;

import io.glucogrid.grid.LocalService;
import io.glucogrid.store.StreamControl;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.ignite.Ignite;

/** The streams of this node, where there are any. */
final class Streams {
    private final Map<String, LocalService<StreamControl>> controls = new LinkedHashMap<>();

    Streams(Ignite ignite) {
        for (String name : List.of(StreamControl.ONLINE, StreamControl.OFFLINE)) {
            controls.put(name, new LocalService<>(ignite, name, StreamControl.class));
        }
    }

    void pause() {
        controls.values().stream().filter(LocalService::isReady).forEach(stream -> stream.get()
                .pause());
    }

    void resume() {
        controls.values().stream().filter(LocalService::isReady).forEach(stream -> stream.get()
                .resume());
    }

    /** State of each stream that runs here, by {@code online} and {@code offline}. */
    Map<String, Map<String, Object>> status() {
        Map<String, Map<String, Object>> status = new LinkedHashMap<>();
        controls.forEach((name, stream) -> {
            if (stream.isReady()) {
                status.put(
                        name.equals(StreamControl.ONLINE) ? "online" : "offline",
                        stream.get().status());
            }
        });
        return status;
    }
}
