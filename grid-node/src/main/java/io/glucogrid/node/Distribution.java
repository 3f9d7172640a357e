package io.glucogrid.node;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory this program was started from: {@code lib/}, {@code broker/}, {@code conf/}. */
final class Distribution {
    private Distribution() {}

    /** Directory of the broker's own class path; NOT_FOUND outside of a distribution. */
    static Path broker() {
        try {
            Path jar = Path.of(Distribution.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path broker = jar.resolveSibling("../broker").normalize();
            if (Files.isDirectory(broker)) {
                return broker;
            }
            throw new GridException(
                    ErrorCode.NOT_FOUND, broker + " is missing: 'kafka' needs the built distribution, see ./glucogrid");
        } catch (URISyntaxException failure) {
            throw new GridException(ErrorCode.INTERNAL, "cannot tell where this program lies", failure);
        }
    }
}
