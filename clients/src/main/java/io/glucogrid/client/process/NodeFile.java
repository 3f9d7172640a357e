package io.glucogrid.client.process;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.Json;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a node wrote about itself when it was up, {@code <work>/nodes/<name>.json}.
 *
 * @param api address of the feature API
 * @param restPort port of Ignite REST; 0 where it has none
 * @param thinPort port for thin clients; 0 where it has none
 */
public record NodeFile(String name, long pid, String api, int restPort, int thinPort) {
    /** The file of the node that {@code child} runs; null while there is none. */
    public static @Nullable NodeFile of(Path workDir, Child child) {
        Path folder = workDir.resolve("nodes");
        if (!Files.isDirectory(folder)) {
            return null;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                NodeFile node = read(file);
                if (node != null && child.runs(node.pid())) {
                    return node;
                }
            }
        } catch (IOException unreadable) {
            return null;
        }
        return null;
    }

    private static @Nullable NodeFile read(Path file) throws IOException {
        try {
            JsonNode node = Json.parse(Files.readString(file, StandardCharsets.UTF_8));
            String fileName = String.valueOf(file.getFileName());
            return new NodeFile(
                    node.path("name").asText(fileName.replace(".json", "")),
                    node.path("pid").asLong(),
                    node.path("api").asText(),
                    node.path("rest_port").asInt(),
                    node.path("thin_port").asInt());
        } catch (GridException halfWritten) {
            return null;
        }
    }
}
