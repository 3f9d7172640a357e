package io.glucogrid.loaders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NumericNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a compaction did: every row of the inputs is in the outputs, which were read back and found right before this was
 * written. Without a receipt nothing is ever deleted.
 *
 * @param path of the receipt below the tier's root
 * @param publishedMicros when, microseconds since the epoch
 * @param graceMicros how long from then on the inputs stay at least
 * @param inputs paths of segments that are not needed any more
 * @param outputs paths of segments that have their rows
 */
record Receipt(String path, long publishedMicros, long graceMicros, List<String> inputs, List<String> outputs) {
    private static final ObjectMapper JSON = new ObjectMapper();

    Receipt {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    static String folder(String table) {
        return table + "/compacted";
    }

    static boolean isReceipt(String path) {
        return path.matches("[^/]+/compacted/[^/]+\\.json");
    }

    static Receipt publish(
            TierStorage storage,
            String table,
            long publishedMicros,
            long graceMicros,
            List<String> inputs,
            List<String> outputs)
            throws IOException {
        String path = folder(table) + "/" + UUID.randomUUID() + ".json";
        ObjectNode tree =
                JSON.createObjectNode().put("published_micros", publishedMicros).put("grace_micros", graceMicros);
        inputs.forEach(tree.putArray("inputs")::add);
        outputs.forEach(tree.putArray("outputs")::add);
        if (!storage.createIfAbsent(path, JSON.writeValueAsBytes(tree))) {
            throw new IOException("receipt " + path + " exists already");
        }
        return new Receipt(path, publishedMicros, graceMicros, inputs, outputs);
    }

    /** All receipts of a table, oldest first; an unreadable one is left out, so that what it names stays. */
    static List<Receipt> of(TierStorage storage, String table) throws IOException {
        List<Receipt> receipts = new ArrayList<>();
        for (TierStorage.TierFile file : storage.list(folder(table))) {
            byte[] bytes = isReceipt(file.path()) ? storage.read(file.path()) : null;
            Receipt receipt = bytes == null ? null : parse(file.path(), bytes);
            if (receipt != null) {
                receipts.add(receipt);
            }
        }
        receipts.sort(Comparator.comparingLong(Receipt::publishedMicros).thenComparing(Receipt::path));
        return receipts;
    }

    /**
     * Which of the segments that are there are not needed any more. Receipts are looked at one after the other, oldest first,
     * and one counts only where all its outputs are there and were not replaced before: so no two of them, whatever they say,
     * take away both of what they name.
     */
    static Set<String> replaced(List<Receipt> receipts, Set<String> there) {
        Set<String> left = new HashSet<>(there);
        Set<String> replaced = new HashSet<>();
        for (Receipt receipt : receipts) {
            if (left.containsAll(receipt.outputs())) {
                for (String input : receipt.inputs()) {
                    replaced.add(input);
                    left.remove(input);
                }
            }
        }
        return replaced;
    }

    static @Nullable Receipt parse(String path, byte[] bytes) throws IOException {
        JsonNode tree;
        try {
            tree = JSON.readTree(new String(bytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException damaged) {
            return null;
        }
        if (tree.get("published_micros") instanceof NumericNode published
                && tree.get("inputs") instanceof ArrayNode inputs
                && tree.get("outputs") instanceof ArrayNode outputs) {
            long grace = tree.path("grace_micros").asLong();
            return new Receipt(path, published.asLong(), grace, texts(inputs), texts(outputs));
        }
        return null;
    }

    private static List<String> texts(ArrayNode nodes) {
        List<String> texts = new ArrayList<>();
        nodes.forEach(node -> texts.add(node.asText()));
        return texts;
    }
}
