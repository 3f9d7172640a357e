package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiAnswer;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import java.time.Duration;
import java.util.Locale;
import java.util.TreeMap;
import picocli.CommandLine.Command;

/** {@code glucogrid materialize}: brings the online store up to the offline tier. */
@Command(name = "materialize", description = "Load the latest rows of the offline tier into the online store.")
public final class MaterializeVerb extends ApiVerb {
    private static final String OURS = "x-";

    @Override
    Duration patience() {
        return Duration.ofMinutes(10);
    }

    @Override
    int run(ApiClient client) {
        ApiAnswer answer = client.post("/materialize", Json.object());
        ObjectNode shown = answer.body().deepCopy();
        new TreeMap<>(answer.headers()).forEach((header, values) -> {
            String name = header.toLowerCase(Locale.ROOT);
            if (name.startsWith(OURS)) {
                shown.put(name.substring(OURS.length()).replace('-', '_'), String.join(",", values));
            }
        });
        return answer(shown, Shown.fields(shown));
    }
}
