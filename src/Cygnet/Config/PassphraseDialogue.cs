// The dialogue about passphrases and PINs with whoever runs `ipsec rereadsecrets`. ipsec(8).
using System.Security.Cryptography;

namespace Cygnet.Config;

/// <summary>
/// <paramref name="ask"/> shows a text that ends in <c>Passphrase: </c> or <c>PIN: </c> and returns what is typed, unseen, or null if nobody is there.
/// <paramref name="say"/> prints a line.
/// </summary>
public sealed class PassphraseDialogue(Func<string, byte[]?> ask, Action<string> say)
{
    const int MaxTries = 3;

    /// <summary>
    /// Asks for the passphrase of a file until <paramref name="open"/> makes something of it, three times at most; null if it comes to nothing.
    /// <paramref name="what"/> begins a sentence, as <c>Private key</c>.
    /// </summary>
    public T? Open<T>(string what, string path, Func<byte[], T?> open) where T : class
    {
        var complaint = "";
        for (var tries = 0; tries < MaxTries; tries++)
        {
            // Nothing at all is typed by who wants to leave.
            if (ask($"{complaint}{what} '{path}' is encrypted.\nPassphrase: ") is not { Length: > 0 } passphrase) return null;
            var opened = open(passphrase);
            CryptographicOperations.ZeroMemory(passphrase);
            if (opened is not null) return opened;
            complaint = "Passphrase invalid!\n";
        }
        say("Passphrase invalid, giving up.");
        return null;
    }

    /// <summary>Asks for the PIN of a card, once: a card that is asked too often locks itself. Null if nothing is typed.</summary>
    public byte[]? Pin(string card) => ask($"Login to '{card}' required\nPIN: ") is { Length: > 0 } pin ? pin : null;

    /// <summary>The PIN was wrong.</summary>
    public void RefusePin() => say("PIN invalid, aborting.");
}
