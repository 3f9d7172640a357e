package io.glucogrid.loaders;

import java.io.IOException;
import java.util.zip.CRC32C;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/** A file that is written once, from its start to its end, and summed on the way. */
final class SummedOutput implements OutputFile {
    private final String path;
    private final Opening opening;
    private final CRC32C checksum = new CRC32C();

    SummedOutput(String path, Opening opening) {
        this.path = path;
        this.opening = opening;
    }

    /** Opens the file for what sums its bytes. */
    interface Opening {
        PositionOutputStream open(CRC32C checksum) throws IOException;
    }

    /** CRC-32C of the bytes written. */
    int checksum() {
        return (int) checksum.getValue();
    }

    @Override
    public PositionOutputStream create(long blockSize) throws IOException {
        return opening.open(checksum);
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSize) throws IOException {
        return create(blockSize);
    }

    @Override
    public boolean supportsBlockSize() {
        return false;
    }

    @Override
    public long defaultBlockSize() {
        return 0;
    }

    @Override
    public String getPath() {
        return path;
    }
}
