// The vectored sum against the naive one. RFC 1071.
using System.Buffers.Binary;
using Cygnet.Esp;

namespace Cygnet.Tests.Esp;

public sealed class ChecksumTests
{
    [Fact]
    public void EveryLengthAndOffsetSumsAsTheNaiveOne()
    {
        var bytes = SeededBytes.Of(7, 3000);
        bytes.AsSpan(100, 300).Fill(0xff);
        var field = new byte[2];
        for (var length = 0; length < 700; length++)
        {
            var part = bytes[(length % 37)..][..length];
            Checksum.Store(field, (ushort)~Checksum.Fold(Checksum.Sum(part)));
            Assert.Equal(NaiveChecksum.Of(part), BinaryPrimitives.ReadUInt16BigEndian(field));
        }
    }

    [Fact]
    public void SixtyFourKilobytesOfOnesDoNotOverflow()
    {
        var bytes = new byte[65534];
        bytes.AsSpan().Fill(0xff);
        Assert.Equal(ushort.MaxValue, Checksum.Fold(Checksum.Sum(bytes)));
    }

    [Fact]
    public void AnUnfinishedUdpSumThatComesOutZeroIsSentAsOnes()
    {
        // Among 65536 values of two payload bytes one gives the sum 0.
        for (var i = 0; i <= ushort.MaxValue; i++)
        {
            var packet = InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1000, 2000, [(byte)(i >> 8), (byte)i]);
            if (packet[26] != 0xff || packet[27] != 0xff) continue;
            var unfinished = InnerPackets.Unfinished(packet);
            Assert.True(Checksum.Finish(unfinished, 20, 6, isUdp: true));
            Assert.Equal(packet, unfinished);
            return;
        }
        Assert.Fail("no payload found");
    }

    [Fact]
    public void PositionsOutsideThePacketAreRefused()
    {
        var packet = InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1000, 2000, [1]);
        Assert.False(Checksum.Finish(packet, 20, 9, true));
        Assert.False(Checksum.Finish(packet, 65535, 65535, true));
        Assert.True(Checksum.Finish(packet, 20, 6, true));
    }
}
