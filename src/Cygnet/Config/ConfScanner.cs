// The words of ipsec.conf: quoting, escapes, comments, include. ipsec.conf(5).
using System.Text;

namespace Cygnet.Config;

enum ConfToken { EndOfFile, NewLine, Spaces, Equals, Word, UnterminatedString, Setup, Conn, Ca, Include }

/// <summary>Cuts one file into tokens.</summary>
sealed class ConfScanner(string file, string text)
{
    int _at, _line = 1, _lineStart;
    bool _atLineStart = true, _afterIndent;

    /// <summary>The place of the token that <see cref="Next"/> returned last.</summary>
    public Position Start { get; private set; }

    /// <summary>The line where reading has arrived, which is what the reference counts.</summary>
    public int Line => _line;

    public string File => file;

    /// <summary>The word, the quoted string without its quotes, or the pattern of an include.</summary>
    public string Value { get; private set; } = "";

    public ConfToken Next()
    {
        while (true)
        {
            Start = new(file, _line, _at - _lineStart + 1);
            Value = "";
            if (_at >= text.Length) return ConfToken.EndOfFile;
            var lineStart = _atLineStart;
            var firstWord = lineStart || _afterIndent;
            _atLineStart = _afterIndent = false;
            switch (text[_at])
            {
                case '\n':
                    Break();
                    return ConfToken.NewLine;
                case '#':
                    while (_at < text.Length && text[_at] != '\n') _at++;
                    continue;
                case ' ' or '\t' or '\r':
                    while (_at < text.Length && text[_at] is ' ' or '\t' or '\r') _at++;
                    if (!lineStart) continue;
                    _afterIndent = true;
                    return ConfToken.Spaces;
                case '=':
                    _at++;
                    return ConfToken.Equals;
                case '"':
                    return Quoted();
            }
            if (firstWord && text.AsSpan(_at).StartsWith("version"))
            {
                // What is left of "version 2.0", once the mark of a configuration file.
                while (_at < text.Length && text[_at] != '\n') _at++;
                continue;
            }
            if (lineStart && Takes("config setup")) return ConfToken.Setup;
            var from = _at;
            if (text.AsSpan(_at).StartsWith("@#")) _at += 2;
            while (_at < text.Length && text[_at] is not ('"' or '#' or '=' or ' ' or '\t' or '\r' or '\n')) _at++;
            Value = text[from.._at];
            if (firstWord && Value == "include" && _at < text.Length && text[_at] is ' ' or '\t')
            {
                Pattern();
                return ConfToken.Include;
            }
            return lineStart && Value == "conn" ? ConfToken.Conn : lineStart && Value == "ca" ? ConfToken.Ca : ConfToken.Word;
        }
    }

    bool Takes(string words)
    {
        if (!text.AsSpan(_at).StartsWith(words)) return false;
        var end = _at + words.Length;
        if (end < text.Length && text[end] is not ('"' or '#' or '=' or ' ' or '\t' or '\r' or '\n')) return false;
        _at = end;
        return true;
    }

    void Break()
    {
        _at++;
        _line++;
        _lineStart = _at;
        _atLineStart = true;
    }

    ConfToken Quoted()
    {
        var value = new StringBuilder();
        _at++;
        while (_at < text.Length)
        {
            var c = text[_at];
            if (c == '"')
            {
                _at++;
                Value = value.ToString();
                return ConfToken.Word;
            }
            if (c == '\\' && _at + 1 < text.Length)
            {
                _at++;
                c = text[_at];
                if (c != '\n') value.Append(c switch { 'n' => '\n', 'r' => '\r', 't' => '\t', _ => c });
            }
            else
            {
                value.Append(c);
            }
            if (c == '\n' && text[_at] == '\n')
            {
                Break();
                _atLineStart = false;
            }
            else
            {
                _at++;
            }
        }
        Value = value.ToString();
        return ConfToken.UnterminatedString;
    }

    void Pattern()
    {
        while (_at < text.Length && text[_at] is ' ' or '\t') _at++;
        if (_at < text.Length && text[_at] == '"')
        {
            if (Quoted() == ConfToken.Word) return;
            Value = "";
            return;
        }
        var value = new StringBuilder();
        while (_at < text.Length && text[_at] is not (' ' or '\t' or '\r' or '\n' or '#' or '"'))
        {
            if (text[_at] == '\\' && _at + 1 < text.Length && text[_at + 1] is ' ' or '\t' or '#' or '"' or '\\') _at++;
            value.Append(text[_at++]);
        }
        Value = value.ToString();
    }
}
