// Both doors of the user-space ESP engine: packets from the network, sealed or not, and inner packets and super-packets from the TUN device.
using System.Buffers.Binary;
using System.Security.Cryptography;
using Cygnet.Esp;
using Cygnet.Tests.Esp;

namespace Cygnet.Fuzz;

static class EspDoor
{
    const int HeaderBytes = 8, IvBytes = 8, IcvBytes = 16, SaltBytes = 4;
    const uint Spi = 0x1000;

    /// <summary>
    /// An input is a kind, then bytes. 0: a datagram from the network. 1: what an ESP packet holds, with padding and trailer, to be sealed with
    /// the right key. 2: five bytes of offload, then an inner packet to send.
    /// </summary>
    public static Target Target()
    {
        // datagrams go to ends of their own: what is sealed moves the replay window
        var (a, b) = EspEnd.Pair();
        var (c, d) = EspEnd.Pair();
        var key = SeededBytes.Of((int)Spi, 32 + SaltBytes);
        var cipher = new AesGcm(key.AsSpan(0, 32), IcvBytes);
        uint sequence = 0;
        List<byte[]> corpus = [];
        foreach (var inner in Inner())
        {
            var padding = (4 - (inner.Length + 2) % 4) % 4;
            corpus.Add([1, .. inner, .. Enumerable.Range(1, padding).Select(i => (byte)i), (byte)padding, (byte)(inner[0] >> 4 == 6 ? 41 : 4)]);
            corpus.Add([2, 0, 0, 0, 0, 0, .. inner]);
            corpus.Add([2, 1, 100, 40, 20, 16, .. inner]);
            corpus.Add([6, 5, 100, 28, 20, 6, .. InnerPackets.Unfinished(inner)]);
            foreach (var (_, packets, _) in c.Send(inner).Runs) corpus.Add([0, .. packets]);
        }
        return new("esp", corpus, [[0x45, 0], [0x60, 0, 0, 0], [4, 4], [0, 41], [0, 59], [0, 0, 0x10, 0], [10, 1, 0, 1, 10, 2, 0, 1], [44, 0, 0, 1]], input =>
        {
            if (input.Length == 0) return "empty";
            byte[] packet = input[1..];
            switch (input[0] & 3)
            {
                case 0: return $"0 {Receive(d, c, packet)}";
                case 1: return $"1 {Receive(b, a, Seal(packet))}";
                default:
                    if (packet.Length < 5) return "short";
                    var offload = new Offload((GsoType)packet[0], packet[1], packet[2], packet[3], packet[4], (input[0] & 4) != 0);
                    var before = Drops(a);
                    return $"2 {a.Send(packet[5..], offload).Runs.Count > 0} {Changed(before, Drops(a))}";
            }
        });

        byte[] Seal(byte[] text)
        {
            var esp = new byte[HeaderBytes + IvBytes + text.Length + IcvBytes];
            BinaryPrimitives.WriteUInt32BigEndian(esp, Spi);
            BinaryPrimitives.WriteUInt32BigEndian(esp.AsSpan(4), ++sequence);
            BinaryPrimitives.WriteUInt64BigEndian(esp.AsSpan(HeaderBytes), sequence);
            byte[] nonce = [.. key[32..], .. esp[HeaderBytes..(HeaderBytes + IvBytes)]];
            cipher.Encrypt(nonce, text, esp.AsSpan(HeaderBytes + IvBytes, text.Length), esp.AsSpan(esp.Length - IcvBytes), esp.AsSpan(0, HeaderBytes));
            return esp;
        }
    }

    static string Receive(EspEnd to, EspEnd from, byte[] esp)
    {
        var (sink, before) = (new RecordingSink(), Drops(to));
        to.Worker.Inbound(new(to.Endpoint, from.Endpoint, true), esp, esp.Length, sink);
        to.Worker.Flush(sink);
        return $"{sink.Delivered.Count} {Changed(before, Drops(to))}";
    }

    static long[] Drops(EspEnd end) => [.. Enum.GetValues<DropReason>().Select(end.Engine.Dropped)];

    static string Changed(long[] before, long[] after) => string.Join(' ', Enum.GetValues<DropReason>().Where((_, i) => after[i] != before[i]));

    static IEnumerable<byte[]> Inner()
    {
        yield return InnerPackets.Echo("10.1.0.1", "10.2.0.1");
        yield return InnerPackets.Echo("fd01::1", "fd02::1");
        yield return InnerPackets.Udp("10.1.0.1", "10.2.0.1", 4000, 53, new byte[300]);
        yield return InnerPackets.Udp("fd01::1", "fd02::1", 4000, 53, new byte[300]);
        yield return InnerPackets.Tcp("10.1.0.1", "10.2.0.1", 4000, 80, 1, InnerPackets.Ack, new byte[500]);
        yield return InnerPackets.Tcp("fd01::1", "fd02::1", 4000, 80, 1, InnerPackets.Ack | InnerPackets.Psh, new byte[500]);
        yield return InnerPackets.Ip("10.1.0.1", "10.2.0.1", 17, new byte[64], fragment: 0x2010);
    }
}
