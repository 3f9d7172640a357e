package io.glucogrid.client.produce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A record that the streams refused.
 *
 * @param reason a code and a detail, such as {@code missing_field: created}
 * @param topic where it was, with its partition and offset
 * @param time when it was refused
 * @param key as it came; null where it had none
 * @param value as it came; null where it had none
 * @param replays how often it had been sent again before it was refused
 * @param isCut whether {@code value} is only the beginning
 */
public record DeadLetter(
        String reason,
        String topic,
        int partition,
        long offset,
        Instant time,
        byte @Nullable [] key,
        byte @Nullable [] value,
        int replays,
        boolean isCut) {
    static final String REPLAYS = "replays";

    /** Reads a record of a dead-letter topic; what its headers do not say is empty or -1. */
    static DeadLetter of(ConsumerRecord<byte[], byte[]> letter) {
        return new DeadLetter(
                header(letter, "reason"),
                header(letter, "topic"),
                (int) number(letter, "partition", -1),
                number(letter, "offset", -1),
                Instant.ofEpochMilli(letter.timestamp()),
                letter.key(),
                letter.value(),
                (int) number(letter, REPLAYS, 0),
                letter.headers().lastHeader("cut") != null);
    }

    /** The reason without its detail, such as {@code missing_field}. */
    public String code() {
        int colon = reason.indexOf(':');
        return colon < 0 ? reason : reason.substring(0, colon);
    }

    /** Where the record was: letters with the same place are one record. */
    String place() {
        return topic + "-" + partition + "@" + offset;
    }

    /** As {@code dlq list --json} prints it; bytes that are no text are {@code …_base64}. */
    public ObjectNode json() {
        ObjectNode json = Json.object()
                .put("reason", reason)
                .put("topic", topic)
                .put("partition", partition)
                .put("offset", offset)
                .put("time", time.toString())
                .put("replays", replays);
        put(json, "key", key);
        put(json, "value", value);
        if (isCut) {
            json.put("cut", true);
        }
        return json;
    }

    private static void put(ObjectNode json, String name, byte @Nullable [] bytes) {
        String text = bytes == null ? null : text(bytes);
        if (bytes != null && text == null) {
            json.put(name + "_base64", Base64.getEncoder().encodeToString(bytes));
        } else {
            json.put(name, text);
        }
    }

    /** The bytes as a text; null where they are none. */
    public static @Nullable String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException noText) {
            return null;
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        Header header = letter.headers().lastHeader(name);
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static long number(ConsumerRecord<byte[], byte[]> letter, String name, long fallback) {
        String text = header(letter, name);
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : fallback;
    }
}
