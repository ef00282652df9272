// One row of the table of algorithms. IANA "IKEv2 Parameters"; RFC 8221, RFC 8247.
using System.Collections.Immutable;

namespace Cygnet.Crypto;

/// <summary>An algorithm: wire id, printed name, keywords, sizes, status. Sizes are bytes unless they say otherwise.</summary>
public sealed record Algorithm(TransformType Type, ushort? Id, string Name)
{
    /// <summary>Allowed values of the Key Length attribute, bits; empty where the transform carries none. RFC 7296 3.3.5.</summary>
    public ImmutableArray<ushort> KeyLengths { get; init; } = [];

    /// <summary>Key size where no Key Length attribute says it; a PRF's preferred key length.</summary>
    public int KeyBytes { get; init; }

    /// <summary>The part of the key material behind the key that goes into every nonce.</summary>
    public int SaltBytes { get; init; }

    /// <summary>The explicit IV that travels with each packet.</summary>
    public int IvBytes { get; init; }

    public int BlockBytes { get; init; } = 1;

    /// <summary>Integrity check value of an AEAD or an integrity algorithm.</summary>
    public int IcvBytes { get; init; }

    /// <summary>Key Exchange Data of a key exchange method: the initiator's.</summary>
    public int PublicBytes { get; init; }

    /// <summary>The responder's Key Exchange Data, which with a KEM is the ciphertext.</summary>
    public int AnswerBytes { get; init; }

    public bool IsAead { get; init; }

    /// <summary>Whether this build can run it; what is only named here, the configuration refuses by name.</summary>
    public bool IsBuilt { get; init; }

    /// <summary>Whether only ESP may use it: what does not encrypt.</summary>
    public bool IsEspOnly { get; init; }

    public Requirement InIke { get; init; } = Requirement.May;

    public Requirement InEsp { get; init; } = Requirement.May;

    /// <summary>What an integrity algorithm or a PRF computes.</summary>
    internal MacFunction? Function { get; init; }

    /// <summary>For an integrity algorithm: the PRF that a proposal without one implies; ipsec-conf "ike=".</summary>
    public ushort? ImpliedPrf { get; init; }

    /// <summary>Keywords of strongSwan's proposals with the key length in bits that each means.</summary>
    public ImmutableArray<(string Word, ushort KeyBits)> Keywords { get; init; } = [];
}

/// <summary>What a keyword of a proposal means.</summary>
public readonly record struct AlgorithmChoice(Algorithm Algorithm, ushort KeyBits)
{
    /// <summary>The transform, or null for an algorithm that has no registered wire id.</summary>
    public Transform? Transform => Algorithm.Id is { } id ? new Transform(Algorithm.Type, id, KeyBits) : null;

    /// <summary>Whether this build can run it.</summary>
    public bool IsBuilt => Algorithm.IsBuilt;
}
