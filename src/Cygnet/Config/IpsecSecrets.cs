// ipsec.secrets: selectors, kinds, secrets, includes. ipsec.secrets(5).
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Cygnet.Config;

/// <summary>Reads ipsec.secrets. An error ends the reading of that file; what stood before it is kept, as in the reference.</summary>
public sealed class IpsecSecrets
{
    const int MaxDepth = 10, MaxFiles = 1000, MaxErrors = 20;
    const string Expected = "RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM";

    static readonly ImmutableArray<(string Word, SecretKind Kind)> _kinds =
    [
        ("RSA", SecretKind.Rsa), ("ECDSA", SecretKind.Ecdsa), ("PKCS8", SecretKind.Pkcs8), ("P12", SecretKind.P12), ("PIN", SecretKind.Pin),
        ("PSK", SecretKind.Psk), ("EAP", SecretKind.Eap), ("XAUTH", SecretKind.XAuth), ("NTLM", SecretKind.Ntlm),
        ("PPK", SecretKind.Ppk), // not in the reference's ipsec.secrets
    ];

    readonly IFileSource _files;
    readonly List<Secret> _secrets = [];
    readonly List<ConfigError> _errors = [];
    int _read;

    IpsecSecrets(IFileSource files) => _files = files;

    public IReadOnlyList<Secret> Secrets => _secrets;

    public IReadOnlyList<ConfigError> Errors => _errors;

    /// <summary>The file could not be read at all, so whatever is loaded stays.</summary>
    public bool IsMissing { get; private set; }

    /// <summary>Never throws on what a file holds.</summary>
    public static IpsecSecrets Parse(string path, IFileSource files)
    {
        var parsed = new IpsecSecrets(files);
        if (files.ReadAllBytes(path) is { } bytes) parsed.ReadFile(path, bytes, 0);
        else
        {
            parsed.IsMissing = true;
            parsed._errors.Add(new($"opening secrets file '{path}' failed: No such file or directory"));
        }
        return parsed;
    }

    void ReadFile(string path, byte[] bytes, int depth)
    {
        _read++;
        var (number, errors) = (0, 0);
        // Secrets are bytes; Latin-1 keeps each of them.
        foreach (var raw in Encoding.Latin1.GetString(bytes).Split('\n'))
        {
            var line = new Line(path, ++number, raw.EndsWith('\r') ? raw[..^1] : raw);
            line.SkipBlanks();
            if (line.IsAtEnd || line.Peek == '#') continue;
            try
            {
                // Behind an error nothing counts, as in the reference; reading on tells of the other errors at once.
                if (line.Takes("include "))
                {
                    if (errors == 0) Include(line, depth);
                }
                else if (Entry(line) is var secret && errors == 0) _secrets.Add(secret);
            }
            catch (Bad bad)
            {
                _errors.Add(new(string.Create(CultureInfo.InvariantCulture, $"line {number}: {bad.Message}"), new(path, number, bad.Column), bad.Detail));
                if (++errors == MaxErrors) return;
            }
        }
    }

    void Include(Line line, int depth)
    {
        var at = line.Place;
        var pattern = line.Until(' ');
        if (depth >= MaxDepth || _read >= MaxFiles)
        {
            _errors.Add(new($"maximum level of {MaxDepth} includes reached, ignored", at, $"'{pattern}': not read") { IsWarning = true });
            return;
        }
        var full = ConfigPath.Beside(line.File, pattern);
        var paths = _files.Glob(full);
        if (paths.Count == 0) _errors.Add(new($"expanding file expression '{full}' failed", at, $"'{pattern}': matches no file") { IsWarning = true });
        foreach (var path in paths)
            if (_files.ReadAllBytes(path) is { } bytes) ReadFile(path, bytes, depth + 1);
    }

    static Secret Entry(Line line)
    {
        var at = line.Place;
        var selectors = ImmutableArray<string>.Empty;
        if (!line.Takes(": "))
        {
            var separator = line.Find(" : ");
            if (separator < 0) throw line.Error("missing ' : ' separator", "a blank, a colon and a blank between the identities and the kind of the secret; tabs do not count");
            selectors = line.Selectors(separator);
            line.At = separator + 3;
        }
        line.SkipBlanks();
        var start = line.Column;
        var word = line.Word();
        if (word.Length == 0) throw line.Error("missing token", Expected);
        var found = _kinds.FirstOrDefault(k => k.Word == word);
        if (found.Word is null)
        {
            throw new Bad("token must be either RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM", start,
                ConfigError.Expected(word, Expected, Nearest.To(word, _kinds.Select(k => k.Word))));
        }
        var secret = new Secret(found.Kind, at) { Selectors = selectors };
        return found.Kind switch
        {
            SecretKind.Psk or SecretKind.Eap or SecretKind.XAuth or SecretKind.Ntlm or SecretKind.Ppk => secret with { Value = line.Secret("secret") },
            SecretKind.Pin => Pin(secret, line),
            _ => KeyFile(secret, line),
        };
    }

    static Secret KeyFile(Secret secret, Line line)
    {
        line.SkipBlanks();
        var file = line.Quoted() ?? line.Word();
        if (file.Length == 0) throw line.Error("empty filename", "the name of a file in ipsec.d/private");
        line.SkipBlanks();
        secret = secret with { File = Utf8(file) };
        if (line.IsAtEnd || line.Peek == '#') return secret;
        if (line.Takes("%prompt")) return secret with { AsksForPassphrase = true };
        ImmutableArray<byte[]> phrases = [line.Secret("passphrase")];
        line.SkipBlanks();
        if (!line.IsAtEnd && line.Peek != '#') phrases = phrases.Add(line.Secret("passphrase"));
        return secret with { Passphrases = phrases };
    }

    static Secret Pin(Secret secret, Line line)
    {
        line.SkipBlanks();
        if (!line.StartsWith("%smartcard")) throw line.Error("expected %smartcard specifier", "%smartcard[<slot>[@<module>]]:<keyid>");
        var column = line.Column;
        var word = line.Word();
        if (SmartcardName.Parse(word) is null) throw new Bad("the given %smartcard specifier is not supported or invalid", column, ConfigError.Expected(word, SmartcardName.Form));
        line.SkipBlanks();
        if (line.IsAtEnd) throw line.Error("expected PIN", "the PIN or %prompt");
        secret = secret with { File = Utf8(word) };
        return line.Takes("%prompt") ? secret with { AsksForPassphrase = true } : secret with { Passphrases = [line.Secret("PIN")] };
    }

    static string Utf8(string latin1) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(latin1));

    sealed class Bad(string reference, int column, string detail) : Exception(reference)
    {
        public int Column { get; } = column;

        public string Detail { get; } = detail;
    }

    // A line and how far it has been read.
    sealed class Line(string file, int number, string text)
    {
        public int At { get; set; }

        public string File { get; } = file;

        public int Column => At + 1;

        public Position Place => new(File, number, Column);

        public bool IsAtEnd => At >= text.Length;

        public char Peek => text[At];

        public bool StartsWith(string words) => text.AsSpan(At).StartsWith(words);

        public int Find(string words) => text.IndexOf(words, At, StringComparison.Ordinal);

        public bool Takes(string words)
        {
            if (!StartsWith(words)) return false;
            At += words.Length;
            return true;
        }

        public void SkipBlanks()
        {
            while (!IsAtEnd && Peek is ' ' or '\t') At++;
        }

        public string Word()
        {
            var from = At;
            while (!IsAtEnd && Peek is not (' ' or '\t')) At++;
            return text[from..At];
        }

        public string Until(char end)
        {
            var stop = text.IndexOf(end, At);
            var word = stop < 0 ? text[At..] : text[At..stop];
            At += word.Length;
            return Utf8(word);
        }

        /// <summary>What stands in quotes of either kind, or null if there are none.</summary>
        public string? Quoted()
        {
            if (IsAtEnd || Peek is not ('"' or '\'')) return null;
            var end = text.IndexOf(Peek, At + 1);
            if (end < 0) throw Error("missing second delimiter", $"a closing {Peek} on the same line");
            var inside = text[(At + 1)..end];
            At = end + 1;
            return inside;
        }

        public ImmutableArray<string> Selectors(int end)
        {
            var all = ImmutableArray.CreateBuilder<string>();
            while (true)
            {
                while (At < end && Peek is ' ' or '\t') At++;
                if (At >= end) return all.ToImmutable();
                var from = At;
                if (Peek is '"' or '\'' && text.IndexOf(Peek, At + 1, end - At - 1) is > 0 and var close)
                {
                    all.Add(Utf8(text[(At + 1)..close]));
                    At = close + 1;
                    continue;
                }
                while (At < end && Peek is not (' ' or '\t')) At++;
                all.Add(Utf8(text[from..At]));
            }
        }

        /// <summary>A secret in quotes, in hexadecimal, in base64 or as it is.</summary>
        public byte[] Secret(string what)
        {
            SkipBlanks();
            if (IsAtEnd) throw Error(what == "secret" ? "missing secret" : $"malformed {what}: missing secret", "a value: in quotes, 0x and hexadecimal, 0s and base64, or a word");
            var column = Column;
            string? quoted;
            try
            {
                quoted = Quoted();
            }
            catch (Bad bad)
            {
                throw new Bad($"malformed {what}: {bad.Message}", bad.Column, bad.Detail);
            }
            if (quoted is not null) return Encoding.Latin1.GetBytes(quoted);
            var word = Word();
            if (word.Length > 2 && word.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
                return Hex(word[2..]) ?? throw new Bad($"malformed {what}: invalid hex digit", column, "expected hexadecimal digits behind '0x'");
            if (word.Length > 2 && word.StartsWith("0s", StringComparison.OrdinalIgnoreCase))
                return Base64(word[2..]) ?? throw new Bad($"malformed {what}: invalid base64", column, "expected base64 behind '0s'");
            return Encoding.Latin1.GetBytes(word);
        }

        /// <summary>The complaint about what stands here; the words of a secret are not repeated.</summary>
        public Bad Error(string reference, string expected) =>
            new(reference, Column, IsAtEnd ? $"expected {expected}, found the end of the line" : $"expected {expected}");

        static byte[]? Hex(string digits)
        {
            digits = digits.Replace("_", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal);
            if (digits.Length % 2 == 1) digits = "0" + digits;
            var bytes = new byte[digits.Length / 2];
            return Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? bytes : null;
        }

        static byte[]? Base64(string text)
        {
            text = text.TrimEnd('=');
            var bytes = new byte[text.Length];
            return text.Length % 4 != 1 && Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out var count) ? bytes[..count] : null;
        }
    }
}
