package io.glucogrid.loaders;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Which tier a running grid uses, as its status says. */
final class GridTier {
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final URI api;

    GridTier(URI api) {
        this.api = api;
    }

    /** The address of the grid's tier; null where no grid answers. */
    @Nullable
    URI address() {
        HttpRequest request = HttpRequest.newBuilder(URI.create(api.toString().replaceAll("/+$", "") + "/status"))
                .timeout(DEADLINE)
                .GET()
                .build();
        try {
            HttpResponse<String> answer = HttpClient.newBuilder()
                    .connectTimeout(DEADLINE)
                    .build()
                    .send(request, HttpResponse.BodyHandlers.ofString());
            String uri = answer.statusCode() == 200
                    ? new ObjectMapper()
                            .readTree(answer.body())
                            .path("tier")
                            .path("uri")
                            .asText("")
                    : "";
            return uri.isEmpty() ? null : TierStorage.address(uri);
        } catch (IOException | IllegalArgumentException nobody) {
            return null;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    static boolean same(URI left, URI right) {
        return trimmed(left).equals(trimmed(right));
    }

    /** Whether this machine sees the tier too: not so for a folder inside a container. */
    static boolean isHere(URI tier) {
        return !"file".equals(tier.getScheme()) || Files.isDirectory(Path.of(tier));
    }

    private static String trimmed(URI address) {
        return address.toString().replaceFirst("^file:/+", "file:/").replaceAll("/+$", "");
    }
}
