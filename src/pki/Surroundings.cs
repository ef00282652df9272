// What a command sees of the world: streams, the clock, the terminal, strongswan.conf, tokens and the network.
using System.Text;
using Cygnet.Crypto;
using Cygnet.Linux;
using Cygnet.Linux.Fetch;
using Cygnet.Linux.Pkcs11;

namespace Cygnet.PkiTool;

/// <summary>Handed to every command; tests make one of memory streams.</summary>
sealed record Surroundings(Func<Stream> OpenInput, Stream Output, TextWriter Error)
{
    public required DateTimeOffset Now { get; init; }

    /// <summary>Asks on the terminal; null if there is none.</summary>
    public required Func<string, string?> AskSecret { get; init; }

    /// <summary>Read when something of it is wanted: most commands do without.</summary>
    public Func<PkiConf> Conf { get; init; } = () => PkiConf.Read(Paths.OfThisProcess().StrongswanConf);

    /// <summary>With <c>--debug 0</c> what explains an answer is left out.</summary>
    public bool IsQuiet { get; init; }

    public ICryptoDoor Crypto { get; } = new SystemCrypto();

    public static Surroundings OfThisProcess(Stream output) =>
        new(Console.OpenStandardInput, output, new StreamWriter(Console.OpenStandardError()) { AutoFlush = true }) { Now = DateTimeOffset.Now, AskSecret = Ask };

    public void Print(string text) => Output.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>A line on standard error that explains; silent if that is asked for.</summary>
    public void Say(string line)
    {
        if (!IsQuiet) Error.Write($"{line}\n");
    }

    /// <summary>Loads the PKCS#11 modules of strongswan.conf.</summary>
    public Tokens OpenTokens() => new(Conf().Modules, Say);

    /// <summary>Fetches CRLs and OCSP responses; the caller disposes of it.</summary>
    public StatusFetcher OpenFetcher() => new(new SystemRandom(), Conf().Fetching, Say);

    static string? Ask(string prompt) => Terminal.AskSecret(prompt) is { Length: > 0 } secret ? Encoding.UTF8.GetString(secret) : null;
}
