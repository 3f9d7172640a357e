package io.glucogrid.broker;

import java.nio.file.Path;

/**
 * What the broker was told on its command line.
 *
 * @param host name or address that the broker binds to and tells its clients
 * @param port port of clients; 0 for any free one
 * @param data directory of the log; made if it is not there
 * @param topic topic to create beside its {@code .dlq}
 * @param partitions partitions of {@code topic}
 */
record BrokerOptions(String host, int port, Path data, String topic, int partitions) {
    static final String LOOPBACK = "127.0.0.1";

    static final String USAGE =
            "usage: Broker --data DIR [--host 127.0.0.1] [--port 29092] [--topic cgm_readings] [--partitions 6];"
                    + " --port 0 takes a free one";

    /**
     * Reads {@code --name value} pairs.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    static BrokerOptions parse(String[] arguments) {
        String host = LOOPBACK;
        int port = 29092;
        Path data = null;
        String topic = "cgm_readings";
        int partitions = 6;
        for (int i = 0; i < arguments.length; i += 2) {
            String name = arguments[i];
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(name + " needs a value");
            }
            String value = arguments[i + 1];
            switch (name) {
                case "--host" -> host = value;
                case "--port" -> port = number(name, value, 0, 65535);
                case "--data" -> data = Path.of(value).toAbsolutePath().normalize();
                case "--topic" -> topic = topicName(value);
                case "--partitions" -> partitions = number(name, value, 1, 1000);
                default -> throw new IllegalArgumentException("unknown option " + name);
            }
        }
        if (data == null) {
            throw new IllegalArgumentException("--data is missing");
        }
        return new BrokerOptions(host, port, data, topic, partitions);
    }

    private static String topicName(String value) {
        if (!value.matches("[a-zA-Z0-9._-]{1,240}") || value.matches("\\.{1,2}")) {
            throw new IllegalArgumentException("'" + value + "' is not a topic name");
        }
        return value;
    }

    private static int number(String name, String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // said below
        }
        throw new IllegalArgumentException(
                name + " must be a whole number from " + least + " to " + most + ", not '" + value + "'");
    }
}
