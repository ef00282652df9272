// One situation under attack: mutants raw and sealed, and after each what must still hold.
using System.Collections.Concurrent;
using Cygnet.Ike;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

sealed class RobustAttack(RobustScene scene, Situation s, ulong seed, ConcurrentQueue<string> failures)
{
    const int MostFailures = 3;

    readonly SeededRandom _random = new(seed ^ 0x726f6275);
    int _faults, _reported;

    /// <summary>Bytes that nobody sealed: they change nothing and get no answer, but for what is never protected.</summary>
    public void Raw(int count)
    {
        scene.Enter(s);
        if (s.IsUnprotected)
        {
            foreach (var mutant in RobustMutants.OfDatagram(scene.Datagram)) Unprotected(mutant);
            for (var i = 0; i < count; i++) Unprotected(RobustMutants.Random(scene.Datagram, _random));
            return;
        }
        var (picture, answers) = (scene.Picture(), scene.Answers);
        foreach (var mutant in RobustMutants.OfDatagram(scene.Datagram)) Check(mutant);
        for (var i = 0; i < count; i++) Check(RobustMutants.Random(scene.Datagram, _random));
        // sealed with keys that are not the SA's: a bit of the ciphertext each
        var header = scene.NextHeader(s);
        for (var i = 0; i < 200; i++)
        {
            var foreign = RobustMutants.Protect(scene.Seal!, header, scene.Genuine);
            foreign[_random.Below(foreign.Length - 28) + 28] ^= (byte)(1 << _random.Below(8));
            Check(foreign);
        }

        void Check(byte[] mutant)
        {
            scene.Deliver(mutant);
            Fault(mutant, "raw");
            if (scene.Picture() != picture) Report(mutant, $"an unauthenticated datagram changed {picture} to {scene.Picture()}");
            var mayAnswer = mutant.Length >= 28 && (mutant[17] >> 4 > 2 || mutant[18] == (byte)ExchangeType.IkeSaInit);
            if (scene.Answers != answers && !mayAnswer) Report(mutant, "an unauthenticated datagram was answered");
            if (scene.Picture() == picture && (scene.Answers == answers || mayAnswer) && scene.Victim.Engine.HalfOpenCount < 2)
            {
                answers = scene.Answers;
                return;
            }
            scene.Enter(s);
            (picture, answers) = (scene.Picture(), scene.Answers);
        }
    }

    /// <summary>Messages of a peer that has the keys and no sense.</summary>
    public void Authentic(int count)
    {
        scene.Enter(s);
        // situations in which little is accepted get a sample: the parser before it is the same for all
        var stride = s.Victim != Deed.None && !s.IsResponse && s.Victim != Deed.First || s.IsGhost || s.IsRekeyed || s.IsContested ? 23 : s.IsResponse ? 3 : 2;
        var chains = RobustMutants.OfChain(scene.Genuine).Where((_, i) => i % stride == (int)(seed % (ulong)stride)).ToArray();
        for (var i = 0; i < chains.Length; i++) Sealed(chains[i], i);
        for (var i = 0; i < count; i++)
        {
            var chain = scene.Genuine;
            Sealed(chain.Bytes.Length == 0 ? new((byte)_random.Below(60), [.. Bytes(_random.Below(40))]) : chain with { Bytes = RandomBytes(chain.Bytes) }, i);
        }
        if (s.IsUnprotected) return;
        foreach (var edit in RobustMutants.OfHeader(scene.NextHeader(s)).ToArray())
            if (edit.Offset != 16) Send(RobustMutants.Protect(scene.Seal!, RobustMutants.Apply(scene.NextHeader(s), edit), scene.Genuine), "header sealed");
        foreach (var (number, total) in (ReadOnlySpan<(ushort, ushort)>)[(0, 0xffff), (1, 1), (1, 2), (2, 2), (3, 2), (1, 255), (255, 255), (1, 256), (1, 0xffff), (0xffff, 0xffff), (0, 1), (2, 1)])
            Send(RobustMutants.Protect(scene.Seal!, scene.NextHeader(s), scene.Genuine, number, total), $"fragment {number} of {total}");
        for (ushort n = 1; n <= 255; n++) Send(RobustMutants.Protect(scene.Seal!, scene.NextHeader(s), new(scene.Genuine.First, new byte[200]), n, 255), "fragments of too large a message");
    }

    /// <summary>Nothing is left of it, and the tunnel to somebody else never noticed.</summary>
    public void Aftermath()
    {
        if (!scene.Carries()) failures.Enqueue($"{s}: the other tunnel carries nothing any more");
        scene.Rest();
        var engine = scene.Victim.Engine;
        if (engine.IkeCount != 1) failures.Enqueue($"{s}: {engine.IkeCount - 1} IKE_SAs stay");
        if (engine.HalfOpenCount != 0) failures.Enqueue($"{s}: {engine.HalfOpenCount} stay half open");
        if (scene.Victim.Plane.Engine.SaCount != 2) failures.Enqueue($"{s}: {scene.Victim.Plane.Engine.Census} stay in the data plane");
        if (!scene.Carries()) failures.Enqueue($"{s}: the other tunnel did not outlive it");
    }

    void Unprotected(byte[] mutant)
    {
        var mark = scene.Mark();
        scene.Deliver(mutant);
        scene.Work();
        Fault(mutant, "unprotected");
        if (scene.Mark() != mark || scene.Victim.Engine.HalfOpenCount > 4) scene.Enter(s);
    }

    void Sealed(Chain chain, int i)
    {
        if (s.IsUnprotected)
        {
            var plain = scene.Datagram[..IkeHeader.Bytes].Concat(chain.Bytes).ToArray();
            plain[16] = chain.First;
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(24), plain.Length);
            if (chain.Bytes.Length < 65_000) Unprotected(plain);
            return;
        }
        if (i % 8 != 0 || chain.Bytes.Length is < 2 or > 10_000)
        {
            Send(RobustMutants.Protect(scene.Seal!, scene.NextHeader(s), chain), $"payloads {chain.First} {Convert.ToHexString(chain.Bytes.AsSpan(0, Math.Min(400, chain.Bytes.Length)))}");
            return;
        }
        // the same in two fragments, the second first
        var (half, header) = (chain.Bytes.Length / 2, scene.NextHeader(s));
        scene.Deliver(RobustMutants.Protect(scene.Seal!, header, new(0, chain.Bytes[half..]), 2, 2));
        Send(RobustMutants.Protect(scene.Seal!, header, new(chain.First, chain.Bytes[..half]), 1, 2), $"fragmented payloads {chain.First} {Convert.ToHexString(chain.Bytes)}");
    }

    void Send(byte[] datagram, string what)
    {
        var mark = scene.Mark();
        scene.Deliver(datagram);
        scene.Work();
        Fault(datagram, what);
        if (scene.Mark() != mark) scene.Enter(s);
    }

    void Fault(byte[] datagram, string what)
    {
        if (scene.Victim.Faults == _faults) return;
        _faults = scene.Victim.Faults;
        Report(datagram, $"{what}: {scene.Victim.LogLines.LastOrDefault(l => l.Contains("internal fault", StringComparison.Ordinal))}");
    }

    void Report(byte[] datagram, string what)
    {
        if (_reported++ < MostFailures) failures.Enqueue($"{s}\n  {what}\n  {Convert.ToHexString(datagram.AsSpan(0, Math.Min(300, datagram.Length)))}");
    }

    byte[] RandomBytes(byte[] genuine)
    {
        var bytes = (byte[])genuine.Clone();
        for (var n = 1 + _random.Below(4); n > 0; n--) bytes[_random.Below(bytes.Length)] = _random.Below(3) switch { 0 => 0, 1 => 0xff, _ => (byte)_random.Below(256) };
        return bytes;
    }

    byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.Fill(bytes);
        return bytes;
    }
}
