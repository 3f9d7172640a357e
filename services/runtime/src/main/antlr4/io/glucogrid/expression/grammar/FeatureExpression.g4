/** Expressions of on-demand features: pure, typed, without loops or assignment. */
grammar FeatureExpression;

formula
    : expression EOF
    ;

expression
    : literal                                                                 # literalValue
    | NAME '(' (expression (',' expression)*)? ')'                            # call
    | NAME                                                                    # field
    | '(' expression ')'                                                      # group
    | operator=('-' | '!' | 'not') expression                                 # unary
    | left=expression operator=('*' | '/' | '%') right=expression             # arithmetic
    | left=expression operator=('+' | '-') right=expression                   # arithmetic
    | left=expression operator=('<' | '<=' | '>' | '>=') right=expression     # comparison
    | left=expression operator=('==' | '!=') right=expression                 # equality
    | left=expression operator=('&&' | 'and') right=expression                # conjunction
    | left=expression operator=('||' | 'or') right=expression                 # disjunction
    | <assoc=right> condition=expression '?' then=expression ':' otherwise=expression # conditional
    ;

literal
    : INTEGER
    | REAL
    | TEXT
    | 'true'
    | 'false'
    | 'null'
    ;

NAME : [A-Za-z_] [A-Za-z0-9_]* ;
INTEGER : [0-9]+ ;
REAL : [0-9]+ '.' [0-9]+ EXPONENT? | [0-9]+ EXPONENT ;
TEXT : '\'' (~['\r\n] | '\'\'')* '\'' ;
SPACE : [ \t\r\n]+ -> skip ;
OTHER : . ;

fragment EXPONENT : [eE] [+-]? [0-9]+ ;
