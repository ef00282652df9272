// Fragmentation: sizes, every order of arrival, duplicates, limits. RFC 7383.
using Cygnet.Crypto;
using Cygnet.Wire;

namespace Cygnet.Tests.Wire;

public sealed class FragmentsTests
{
    static readonly IkeProtection Protection = Samples.Protection();

    static (EncryptedBody Body, byte[] Plaintext) Open(byte[] datagram)
    {
        Assert.True(Message.TryParse(datagram, out var m).IsOk);
        var body = m.Encrypted!.Value;
        Assert.True(Protection.Open(datagram, body.Offset, out var at, out var length));
        return (body, datagram.AsSpan(at, length).ToArray());
    }

    static List<byte[]> Split(int max, out int whole) =>
        Message.EncodeFragments(Samples.Header, [.. Samples.All, new CertPayload(4, new byte[1200])], Protection, new SeededRandom(2), max, out whole);

    [Theory]
    [InlineData(140)]
    [InlineData(149)]
    [InlineData(150)]
    [InlineData(155)]
    [InlineData(576)]
    [InlineData(1248)]
    public void FragmentsFitAndReassembleInAnyOrder(int max)
    {
        var fragments = Split(max, out var whole);
        Assert.True(whole > max);
        Assert.All(fragments, f => Assert.True(f.Length <= max));
        Assert.All(fragments.SkipLast(1), f => Assert.True(f.Length > max - Protection.BlockBytes));
        var random = new Random(max);
        var order = fragments.ToArray();
        for (var round = 0; round < 20; round++)
        {
            random.Shuffle(order);
            var reassembly = new Fragments();
            foreach (var datagram in order.SkipLast(1))
            {
                var (body, text) = Open([.. datagram]);
                Assert.Equal(FragmentOutcome.Waiting, reassembly.Add(body, text, out _));
                Assert.Equal(FragmentOutcome.Ignored, reassembly.Add(body, text, out _));
            }
            var last = Open([.. order[^1]]);
            Assert.Equal(FragmentOutcome.Complete, reassembly.Add(last.Body, last.Plaintext, out var message));
            var payloads = new List<Payload>();
            Assert.True(Message.ParsePayloads(reassembly.First, message, payloads).IsOk);
            Assert.Equal(Samples.All.Count + 1, payloads.Count);
        }
    }

    [Fact]
    public void WhatFitsIsNotDivided()
    {
        var one = Message.EncodeFragments(Samples.Header, Samples.All, Protection, new SeededRandom(1), 5000, out var whole);
        Assert.Equal(whole, one.Single().Length);
        Assert.False(Open(one[0]).Body.IsFragment);
        Assert.Single(Message.EncodeFragments(Samples.Header, Samples.All, Protection, new SeededRandom(1), whole, out _));
        Assert.Equal(2, Message.EncodeFragments(Samples.Header, Samples.All, Protection, new SeededRandom(1), whole - 1, out _).Count);
    }

    [Fact]
    public void ALargerTotalRestartsAndASmallerOneIsIgnored()
    {
        var f = new Fragments();
        Assert.Equal(FragmentOutcome.Waiting, f.Add(new(0, 0, PayloadType.Notify, 1, 2), [1], out _));
        Assert.Equal(FragmentOutcome.Waiting, f.Add(new(0, 0, PayloadType.None, 3, 3), [33], out _));
        Assert.Equal(1, f.Count);
        Assert.Equal(FragmentOutcome.Ignored, f.Add(new(0, 0, PayloadType.None, 2, 2), [2], out _));
        Assert.Equal(FragmentOutcome.Waiting, f.Add(new(0, 0, PayloadType.Sa, 1, 3), [31], out _));
        Assert.Equal(FragmentOutcome.Complete, f.Add(new(0, 0, PayloadType.None, 2, 3), [32], out var message));
        Assert.Equal(new byte[] { 31, 32, 33 }, message);
        Assert.Equal(PayloadType.Sa, f.First);
    }

    [Fact]
    public void TheLimitForgetsEverything()
    {
        var f = new Fragments(100);
        Assert.Equal(FragmentOutcome.Waiting, f.Add(new(0, 0, PayloadType.Sa, 1, 3), new byte[60], out _));
        Assert.Equal(FragmentOutcome.TooLarge, f.Add(new(0, 0, PayloadType.Sa, 2, 3), new byte[41], out _));
        Assert.Equal(0, f.Count);
        Assert.Equal(FragmentOutcome.TooLarge, f.Add(new(0, 0, PayloadType.Sa, 1, 256), [], out _));
    }
}
