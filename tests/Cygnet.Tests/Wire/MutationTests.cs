// What a stranger may send: every payload cut, doubled, with wrong lengths, and random mutations. Nothing throws, loops, or swells.
using System.Buffers.Binary;
using Cygnet.Wire;

namespace Cygnet.Tests.Wire;

public sealed class MutationTests
{
    static readonly byte[] Whole = Message.EncodePlain(Samples.Header, Samples.All);

    static void SetLength(byte[] datagram) => BinaryPrimitives.WriteInt32BigEndian(datagram.AsSpan(24), datagram.Length);

    static ParseResult Parse(byte[] datagram)
    {
        var result = Message.TryParse(datagram, out var m);
        Assert.True(m.Payloads.Count <= 255);
        if (result.IsOk) _ = m.ToString();
        return result;
    }

    public static TheoryData<int> EveryPayload() => [.. Enumerable.Range(0, Samples.All.Count)];

    [Theory]
    [MemberData(nameof(EveryPayload))]
    public void CutAtEveryLength(int index)
    {
        var datagram = Message.EncodePlain(Samples.Header, [Samples.All[index]]);
        for (var keep = IkeHeader.Bytes; keep < datagram.Length; keep++)
        {
            var cut = datagram[..keep];
            SetLength(cut);
            Assert.False(Parse(cut).IsOk); // the payload promises more than there is
            if (keep < IkeHeader.Bytes + 4) continue;
            BinaryPrimitives.WriteUInt16BigEndian(cut.AsSpan(IkeHeader.Bytes + 2), (ushort)(keep - IkeHeader.Bytes));
            Parse(cut);
        }
    }

    [Theory]
    [MemberData(nameof(EveryPayload))]
    public void WrongLengths(int index)
    {
        var datagram = Message.EncodePlain(Samples.Header, [Samples.All[index], new VendorIdPayload([1])]);
        foreach (var length in new ushort[] { 0, 1, 3, 0x7fff, 0x8000, 0xffff })
        {
            var wrong = datagram.ToArray();
            BinaryPrimitives.WriteUInt16BigEndian(wrong.AsSpan(IkeHeader.Bytes + 2), length);
            Assert.Equal(ParseOutcome.InvalidSyntax, Parse(wrong).Outcome);
        }
        // Every field of two bytes in the body, given every extreme.
        for (var at = IkeHeader.Bytes + 4; at + 1 < datagram.Length; at++)
            foreach (var value in new ushort[] { 0, 1, 4, 0x7fff, 0xffff })
            {
                var wrong = datagram.ToArray();
                BinaryPrimitives.WriteUInt16BigEndian(wrong.AsSpan(at), value);
                Parse(wrong);
            }
    }

    [Fact]
    public void RandomMutations()
    {
        var random = new Random(7296);
        var seeds = Samples.All.Select(p => Message.EncodePlain(Samples.Header, [p])).Append(Whole)
            .Append(Message.EncodeProtected(Samples.Header, Samples.All, Samples.Protection(), new SeededRandom(1)))
            .Concat(Message.EncodeFragments(Samples.Header, Samples.All, Samples.Protection(), new SeededRandom(1), 400)).ToArray();
        var ok = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var datagram = seeds[i % seeds.Length].ToArray();
            switch (random.Next(4))
            {
                case 0: datagram = datagram[..random.Next(datagram.Length + 1)]; break;
                case 1: datagram = [.. datagram, .. datagram.AsSpan(random.Next(datagram.Length))]; break;
            }
            for (var n = random.Next(1, 5); n > 0 && datagram.Length > 0; n--)
                datagram[random.Next(datagram.Length)] = random.Next(3) switch { 0 => 0, 1 => 255, _ => (byte)random.Next(256) };
            if (datagram.Length >= IkeHeader.Bytes && random.Next(8) != 0) SetLength(datagram);
            if (Parse(datagram).IsOk) ok++;
        }
        Assert.InRange(ok, 1_000, 99_000); // else the mutations test only one side of the parser
    }

    [Fact]
    public void WhatIsAllocatedIsBoundedByTheDatagram()
    {
        // As many substructures as fit, with counts that promise more: memory follows the bytes that came, not the promise.
        byte[] transform = [3, 0, 0, 8, 1, 0, 0, 12];
        byte[] proposal = [2, 0, 0, 16, 1, 1, 0, 255, .. transform];
        byte[] body = [.. Enumerable.Repeat(proposal, 3_000).SelectMany(p => p)];
        var datagram = Message.EncodePlain(Samples.Header, [new UnknownPayload((byte)PayloadType.Sa, body)]);
        Parse(datagram);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Parse(datagram);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * datagram.Length);

        var attributes = Message.EncodePlain(Samples.Header, [new UnknownPayload((byte)PayloadType.Configuration, new byte[60_000])]);
        before = GC.GetAllocatedBytesForCurrentThread();
        Parse(attributes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * attributes.Length);
    }
}
