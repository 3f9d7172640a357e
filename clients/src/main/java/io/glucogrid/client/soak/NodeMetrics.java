package io.glucogrid.client.soak;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** The text of {@code GET /metrics} of a node. */
record NodeMetrics(String text) {
    private static final int OK = 200;
    private static final Duration WAIT = Duration.ofSeconds(20);
    private static final Pattern MOVING =
            Pattern.compile("^ignite_cacheGroups_LocalNode(Moving|Renting)PartitionsCount\\{.* [1-9].*$");

    /** Of the node at an address; without a line where it is silent or refuses. */
    static NodeMetrics of(HttpClient http, String api) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(api + "/metrics"))
                .timeout(WAIT)
                .build();
        try {
            HttpResponse<String> answer =
                    http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            return new NodeMetrics(answer.statusCode() == OK ? answer.body() : "");
        } catch (IOException silent) {
            return new NodeMetrics("");
        }
    }

    /**
     * A figure in bytes as MiB; empty where the text does not name it.
     *
     * @param name with its labels
     */
    OptionalLong mb(String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)) >> 20)
                .findFirst();
    }

    /** Whether the node has all partitions that it should have, and no others any more; false where it does not say. */
    boolean isSettled() {
        return !text.isEmpty()
                && text.lines().noneMatch(line -> MOVING.matcher(line).matches());
    }
}
