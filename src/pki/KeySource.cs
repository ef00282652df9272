// Where the private key of a command is: in a file, on standard input, or on a PKCS#11 token by its CKA_ID.
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.PkiTool;

/// <summary>Takes the two options that name a key, for example <c>--cakey</c> and <c>--cakeyid</c>, and loads it.</summary>
sealed class KeySource(string fileOption = "in", string idOption = "keyid")
{
    string? _file;
    Given? _id;

    /// <summary>False for another option. Throws <see cref="Refusal"/> for an id that is no hex.</summary>
    public bool Take(Given given)
    {
        if (given.Name == fileOption) _file = given.Value;
        else if (given.Name == idOption) _id = given;
        else return false;
        if (_id is { } id) Handle(id);
        return _file is null || _id is null ? true : throw Refusal.Usage($"--{fileOption} and --{idOption} exclude each other");
    }

    public bool IsGiven => _file is not null || _id is not null;

    public bool IsOnToken => _id is not null;

    /// <summary>As refusals name it.</summary>
    public string Named => _id is { } id ? $"--{idOption} '{id.Value}'" : _file is null ? "standard input" : $"--{fileOption} '{_file}'";

    /// <summary>A private key, of the given kind if that matters.</summary>
    public PrivateKey Load(Surroundings world, KeyKind? kind, string failure)
    {
        if (_id is not { } id) return Files.PrivateKey(world, fileOption, _file, kind, failure);
        var key = world.OpenTokens().Key(Handle(id), () => world.AskSecret("Smartcard PIN: "), out var reason) ?? throw new Refusal($"{failure}: {Named}: {reason}");
        return kind is { } wanted && key.Public.Kind != wanted ? throw OfOtherKind(Named, key.Public.Kind, wanted, failure) : key;
    }

    /// <summary>The public key of whatever it is: private key, public key, request or certificate.</summary>
    public PublicKey Public(Surroundings world, string type, string failure)
    {
        switch (type)
        {
            case "x509": return Certificate(world, failure).PublicKey;
            case "pub" or "pkcs10" when IsOnToken: throw OnTokens(type);
            case "pub": return Files.PublicKey(world, fileOption, _file, failure);
            case "pkcs10": return Files.Request(world, fileOption, _file, failure).PublicKey;
            default: return Load(world, Words.Kind(type), failure).Public;
        }
    }

    public Certificate Certificate(Surroundings world, string failure)
    {
        if (_id is not { } id) return Files.Certificate(world, fileOption, _file, failure);
        var der = world.OpenTokens().Certificate(Handle(id), out var reason) ?? throw new Refusal($"{failure}: {Named}: {reason}");
        return Cygnet.Pki.Certificate.TryParse(der, out reason) ?? throw new Refusal($"{failure}: {Named}: {reason}");
    }

    /// <summary>The file, for what no token has.</summary>
    public string? FileOnly(string type) => IsOnToken ? throw OnTokens(type) : _file;

    Refusal OnTokens(string type) => Refusal.Usage($"--{idOption} names a private key or a certificate of a token: it does not go with --type {type}");

    internal static Refusal OfOtherKind(string named, KeyKind kind, KeyKind wanted, string failure) =>
        new($"{failure}: {named} holds a key of type {Words.Of(kind)}, not {Words.Of(wanted)}; --type priv takes any");

    static TokenObject Handle(Given id) => new(Words.Hex(id), null, null);
}
