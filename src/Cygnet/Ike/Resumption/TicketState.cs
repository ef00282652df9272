// What a ticket holds: of an IKE_SA that was authenticated, what it takes to go on with it. RFC 5723 5, 6.3.
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike;

/// <summary>Known to the gateway alone; the client keeps its own (<see cref="ClientTicket"/>).</summary>
sealed record TicketState
{
    const int MostTransforms = 32, MostText = 4096;

    /// <summary>By which it is spent, or revoked.</summary>
    public required UInt128 Id { get; init; }
    public required Instant Expires { get; init; }
    public required string Connection { get; init; }

    /// <summary>Which settings the connection had, and which credentials there were: with others the client has to authenticate. See <see cref="TicketKeys"/>.</summary>
    public required int Settings { get; init; }
    public required int Credentials { get; init; }
    public required Identity LocalId { get; init; }
    public required Identity RemoteId { get; init; }
    public Identity? RemoteEapId { get; init; }
    public required Proposal Proposal { get; init; }
    public required byte[] SkD { get; init; }

    /// <summary>When the authentication ends: resuming does not prolong it.</summary>
    public required Instant ReauthAt { get; init; }

    /// <summary>The IKE_SA that it was given for; it goes when another one takes its place.</summary>
    public required int IkeId { get; init; }

    public byte[] Write()
    {
        using var stream = new MemoryStream();
        void Number(long value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
            stream.Write(bytes);
        }
        void Block(ReadOnlySpan<byte> bytes)
        {
            Span<byte> length = [(byte)(bytes.Length >> 8), (byte)bytes.Length];
            stream.Write(length);
            stream.Write(bytes);
        }
        void Id(Identity? id)
        {
            Block(id is null ? [] : [id.WireType, .. id.Encoded]);
        }
        Number((long)(ulong)(this.Id >> 64));
        Number((long)(ulong)this.Id);
        Number(Expires.Milliseconds);
        Number(ReauthAt.Milliseconds);
        Number((long)Settings << 32 | (uint)Credentials);
        Number(IkeId);
        Block(Encoding.UTF8.GetBytes(Connection));
        Id(LocalId);
        Id(RemoteId);
        Id(RemoteEapId);
        Block(SkD);
        Block([.. Proposal.Transforms.SelectMany(t => (byte[])[(byte)t.Type, (byte)(t.Id >> 8), (byte)t.Id, (byte)(t.KeyBits >> 8), (byte)t.KeyBits])]);
        return stream.ToArray();
    }

    /// <summary>Null if it is nothing of the kind.</summary>
    public static TicketState? Read(ReadOnlySpan<byte> plaintext)
    {
        var r = new WireReader(plaintext);
        var id = r.U128();
        var (expires, reauth) = ((long)r.U64(), (long)r.U64());
        var (settings, credentials, ike) = ((int)r.U32(), (int)r.U32(), (int)r.U64());
        var name = r.Bytes(r.U16()).ToArray();
        Identity? local = ReadId(ref r), remote = ReadId(ref r), eap = ReadId(ref r);
        var skD = r.Bytes(r.U16()).ToArray();
        var block = r.Sub(r.U16());
        var transforms = ImmutableArray.CreateBuilder<Transform>();
        while (!block.AtEnd && transforms.Count < MostTransforms) transforms.Add(new((TransformType)block.U8(), block.U16(), block.U16()));
        if (r.Failed || block.Failed || !r.AtEnd || name.Length > MostText || local is null || remote is null || skD.Length == 0) return null;
        var proposal = new Proposal(SecurityProtocol.Ike, transforms.ToImmutable());
        return proposal.First(TransformType.Prf) is null || proposal.First(TransformType.Encryption) is null ? null : new()
        {
            Id = id, Expires = new(expires), ReauthAt = new(reauth), Settings = settings, Credentials = credentials, IkeId = ike, Connection = Encoding.UTF8.GetString(name),
            LocalId = local, RemoteId = remote, RemoteEapId = eap, SkD = skD, Proposal = proposal,
        };
    }

    static Identity? ReadId(ref WireReader r)
    {
        var id = r.Sub(r.U16());
        return !id.AtEnd && Identity.TryFromWire(id.U8(), id.Rest(), out var identity) ? identity : null;
    }
}
