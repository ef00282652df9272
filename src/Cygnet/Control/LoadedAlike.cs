// What the connections of one file say alike: read once, as ten thousand of them share a few proposals and options. swanctl.conf(5).
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Control;

/// <summary>
/// Belongs to the commands of one daemon; thread safe. It holds what was read last, and so many proposals as a configuration may well have: who loads ever
/// new ones gains nothing by it, and takes no memory.
/// </summary>
public sealed class LoadedAlike
{
    const int MaxProposals = 256;

    /// <summary>More than ipsec.conf ever says of one connection; who says more has it read each time.</summary>
    internal const int MaxBytes = 2048;

    ImmutableDictionary<(SecurityProtocol, string), Proposal> _proposals = ImmutableDictionary<(SecurityProtocol, string), Proposal>.Empty;

    /// <summary>The options of the connection that was read last.</summary>
    internal LastRead<Connection> Connections { get; } = new();

    /// <summary>Those of the child that was read last.</summary>
    internal LastRead<ChildConfig> Children { get; } = new();

    /// <summary>The proposal that this text stands for. What stands for none is read anew each time, for its error.</summary>
    internal bool TryProposal(SecurityProtocol protocol, string text, [NotNullWhen(true)] out Proposal? proposal, [NotNullWhen(false)] out ProposalError? error)
    {
        error = null;
        var known = Volatile.Read(ref _proposals);
        if (known.TryGetValue((protocol, text), out proposal)) return true;
        if (!ProposalText.TryParseOne(protocol, text, out proposal, out error)) return false;
        // Of two that come at once one may be lost: it is read again.
        Volatile.Write(ref _proposals, (known.Count < MaxProposals ? known : known.Clear()).SetItem((protocol, text), proposal));
        return true;
    }

    /// <summary>The values of a section with their keys, for <see cref="LastRead{T}"/>; empty if they are more than <paramref name="room"/> takes.</summary>
    internal static ReadOnlySpan<byte> Said(ViciSection section, Span<byte> room)
    {
        var at = room;
        foreach (var element in section.Elements)
        {
            if (element is not ViciValue value) continue;
            if (!TryAppend(ref at, MemoryMarshal.AsBytes(value.Name.AsSpan())) || !TryAppend(ref at, value.Value)) return [];
        }
        return room[..^at.Length];
    }

    // With its length in front: two keys with their values must never read like others.
    static bool TryAppend(ref Span<byte> at, ReadOnlySpan<byte> bytes)
    {
        if (at.Length < sizeof(int) + bytes.Length) return false;
        MemoryMarshal.Write(at, bytes.Length);
        bytes.CopyTo(at[sizeof(int)..]);
        at = at[(sizeof(int) + bytes.Length)..];
        return true;
    }

    /// <summary>What a section said, and what its values made of a connection or a child that has nothing else yet.</summary>
    internal sealed class LastRead<T> where T : class
    {
        sealed record Pair(byte[] Said, T Read);

        Pair? _last;

        public T? Find(ReadOnlySpan<byte> said) => !said.IsEmpty && Volatile.Read(ref _last) is { } last && said.SequenceEqual(last.Said) ? last.Read : null;

        public void Keep(ReadOnlySpan<byte> said, T read)
        {
            if (!said.IsEmpty) Volatile.Write(ref _last, new(said.ToArray(), read));
        }
    }
}
